import functions from './functions.sh';

const shell = (body: string): string => `#!/bin/sh\nset -e\n\n${functions}\n${body}`;

/** The maintainer scripts of the .deb, by name. An upgrade does not run the prerm, so blocks and services continue. */
export const DEB_SCRIPTS: Readonly<Record<string, string>> = {
  postinst: shell(`if [ "$1" = configure ]; then
  configure
  # $2 is the version that was configured before. At the first installation it is empty.
  [ -n "$2" ] || apply_presets
fi
`),
  prerm: shell(`# "in-favour" names the other of the two packages, which takes over the homes.
if [ "$1" = remove ] && [ "$2" != in-favour ]; then
  remove_homes
fi
`),
  postrm: shell(`case $1 in
  remove) reload_systemd ;;
  purge) purge ;;
esac
`),
};

/**
 * The scriptlets of the .rpm, by section. $1 is the number of versions that will be installed afterwards. RPM has no
 * purge.
 */
export const RPM_SCRIPTS: Readonly<Record<string, string>> = {
  post: `${functions}
configure
[ "$1" -gt 1 ] || apply_presets
`,
  preun: `${functions}
[ "$1" -gt 0 ] || remove_homes
`,
  postun: `${functions}
reload_systemd
`,
};

/** A log that a web server's configuration names. */
export interface ConfiguredLog {
  readonly server: 'apache' | 'nginx';
  readonly kind: 'access' | 'error';
  /**
   * The absolute path, with links in its directories resolved, and with `*` for the part of the name that changes if
   * a program begins a new file for each period. Undefined if it cannot be read as a file; `problem` says why.
   */
  readonly path: string | undefined;
  /** The destination in the directive, for messages. */
  readonly target: string;
  /** The format of its lines; undefined for an error log in the web server's own form. */
  readonly format: FormatText | undefined;
  /** `/etc/apache2/sites-enabled/000-default.conf:21` */
  readonly place: string;
  /** The reason why Riposte cannot read it, as a predicate: `is piped into /usr/local/bin/collect`. */
  readonly problem?: string | undefined;
  /** The reason why some requests are missing or late in it, as a predicate. */
  readonly remark?: string | undefined;
}

/** The text of a LogFormat or log_format directive. */
export interface FormatText {
  /** Its nickname; empty if the CustomLog directive holds the text itself. */
  readonly name: string;
  readonly dialect: 'apache' | 'nginx';
  readonly text: string;
  /** The way in which nginx escapes variables; Apache has only `default`. */
  readonly escaping: 'default' | 'json' | 'none';
}

/** A directive, for messages. */
export interface Located {
  /** `HostnameLookups On` */
  readonly text: string;
  /** `/etc/apache2/apache2.conf:92` */
  readonly place: string;
  /** Apache's virtual host around it; empty outside of one, and for nginx. */
  readonly site: string;
}

/** A web server's configuration of its logs. */
export interface ServerConfiguration {
  readonly server: 'apache' | 'nginx';
  /**
   * The program that printed the configuration, such as `/usr/sbin/apachectl`; or the configuration's first file, if no
   * program printed it.
   */
  readonly source: string;
  readonly logs: readonly ConfiguredLog[];
  /** Directives by which the web server looks up names of clients, which `%h` then logs. */
  readonly nameLookups: readonly Located[];
  /** The directives RemoteIPHeader and real_ip_header, and the proxies that they trust. */
  readonly realIp: readonly Located[];
  /** True if ModSecurity is loaded, which writes into the error log. */
  readonly hasModSecurity: boolean;
  /**
   * True if the web server's own program printed the configuration. For Apache, this shows that its version is 2.4 or
   * later.
   */
  readonly isAsked: boolean;
  /** Messages about parts that could not be read. */
  readonly problems: readonly string[];
}

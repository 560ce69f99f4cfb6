/** Formats in which every field's ends are certain, whatever a client writes. */
export const CLEAR_APACHE = [
  '%h %l %u %t "%r" %>s %b',
  '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"',
  '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D',
  '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{Cookie}i" "%{Host}i" "%V" %k %X',
  '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"',
  '%v %a %u %t "%r" %>s %b',
  '[%v] %a "%u" %t "%r" %>s %b',
  '%a:%{remote}p %l %u %t "%r" %s %B',
  '"%{User-Agent}i" %h %l %u %t "%r" %>s %b',
  '"%{X-Forwarded-For}i" "%{Host}i" "%V" %h "%u" %t "%r" %>s %b "%{Referer}i"',
  '%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b',
  '%u %h %t "%r" %>s',
  '%h\\t%u\\t%t\\t%r\\t%>s\\t%b\\t%{Referer}i\\t%{User-Agent}i',
  '%h %t "%m %U%q %H" %>s %b "%{User-Agent}i" %{Referer}i',
  '%a [%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] %u "%r" %>s %B',
  '%{%F %T %z}t|%a|%>s|%U%q|%p|"%{User-Agent}i"|"%{Referer}i"',
  '%{sec}t %a %u (%b) "%r" %>s',
  '%{%A, %e. %B %Y, %I:%M:%S %p %Z}t %a "%u" "%r" %>s',
  '%a %400,501{User-Agent}i %t "%r" %>s %!200b',
];

export const NGINX_MAIN =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

export const CLEAR_NGINX = [
  NGINX_MAIN,
  `${NGINX_MAIN} "$http_x_forwarded_for"`,
  `${NGINX_MAIN} $request_length $request_time [$upstream_addr] $request_id`,
  '$time_iso8601|$remote_addr|$request_method|$request_uri|$status|"$http_user_agent"|"$http_referer"',
  `\${msec} $server_name:$server_port $remote_addr:$remote_port "$remote_user" "$request" $status $bytes_sent`,
  '"$host" $remote_addr [$time_local] "$request_method $scheme://$host$request_uri $server_protocol" $status',
  '{"t":"$time_iso8601","ip":"$remote_addr","u":"$remote_user","r":"$request","s":$status,"a":"$http_user_agent"}',
];

/** Formats in which a client can make its address or the next field uncertain, but cannot write another address. */
export const UNCERTAIN = [
  '%{X-Forwarded-For}i %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
  '%{X-Forwarded-For}i %a - %u %t "%r" %>s %b',
  '%h (%{X-Forwarded-For}i) %l %u %t "%r" %>s %b',
  '%h %{X-Forwarded-For}i %{Cookie}i %u %t "%r" %>s %b',
  '%h %u %{Referer}i %{User-Agent}i %t "%r" %>s %b',
];

/** Programs that watch a server's own pages. */
const MONITORS =
  /munin|nagios|check_http|monitoring-plugins|icinga|zabbix|prometheus|blackbox|datadog|telegraf|netdata|collectd|\bmonit\/|uptime|pingdom|statuscake|hetrix|updown\.io|site24x7|newrelic|prtg|gatus|healthcheck|kube-probe|elb-health/i;

/** True for a client that says it is a monitor: it may ask for several products that the site serves. */
export const isMonitor = (userAgent: string): boolean => MONITORS.test(userAgent);

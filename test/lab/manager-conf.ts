/** Configurations in the forms that installers and administrators write. */

/** The command of stock OSSEC. */
export const FIREWALL_DROP_SH = `  <command>
    <name>firewall-drop</name>
    <executable>firewall-drop.sh</executable>
    <expect>srcip</expect>
    <timeout_allowed>yes</timeout_allowed>
  </command>`;

/** OSSEC's server: comments with `--` in them, a `white_list`, stock responses, rules one by one. */
export const OSSEC_SERVER = `<!-- OSSEC configuration -- edited by hand, 2019-2026 -->

<ossec_config>
  <global>
    <email_notification>yes</email_notification>
    <email_to>root@example.org</email_to>
    <smtp_server>localhost</smtp_server>
    <email_from>ossec@web.example.org</email_from>
    <white_list>127.0.0.1</white_list>
    <white_list>::1</white_list>
    <white_list>198.51.100.0/24</white_list>
    <!-- <white_list>203.0.113.99</white_list> -->
    <white_list>^localhost.localdomain$</white_list>
  </global>

  <rules>
    <include>rules_config.xml</include>
    <include>syslog_rules.xml</include>
    <include>web_rules.xml</include>
    <include>web_appsec_rules.xml</include>
    <include>apache_rules.xml</include>
    <!-- <include>policy_rules.xml</include> -->
    <include>ossec_rules.xml</include>
    <include>attack_rules.xml</include>
    <include>local_rules.xml</include>
  </rules>

  <syscheck>
    <frequency>79200</frequency>
    <directories check_all="yes">/etc,/usr/bin,/usr/sbin</directories>
    <ignore type="sregex">.log$|.swp$</ignore>
  </syscheck>

  <remote>
    <connection>secure</connection>
  </remote>

  <alerts>
    <log_alert_level>1</log_alert_level>
    <email_alert_level>7</email_alert_level>
  </alerts>

  <command>
    <name>host-deny</name>
    <executable>host-deny.sh</executable>
    <expect>srcip</expect>
    <timeout_allowed>yes</timeout_allowed>
  </command>

${FIREWALL_DROP_SH}

  <active-response>
    <command>firewall-drop</command>
    <location>local</location>
    <level>7</level>
    <timeout>600</timeout>
  </active-response>

  <localfile>
    <log_format>syslog</log_format>
    <location>/var/log/auth.log</location>
  </localfile>

  <localfile>
    <log_format>command</log_format>
    <command>df -P | awk '$5 > 90 && NR > 1'</command>
  </localfile>
</ossec_config>
`;

/** OSSEC's agent, as its installer writes it: no rules, and two roots. */
export const OSSEC_AGENT = `<ossec_config>
  <client>
    <server-ip>192.0.2.10</server-ip>
  </client>
</ossec_config>

<ossec_config> <!-- what this host adds -->
  <syscheck>
    <frequency>79200</frequency>
    <directories check_all="yes">/etc,/usr/bin,/usr/sbin</directories>
  </syscheck>
  <localfile>
    <log_format>apache</log_format>
    <location>/var/log/apache2/access.log</location>
  </localfile>
</ossec_config>
`;

/** Wazuh 4's manager: two roots, stock commands without an extension, one of them route-null. */
export const WAZUH_SERVER = `<!--
  Wazuh - Manager - Default configuration for debian 12
  Mailing list: https://groups.google.com/forum/#!forum/wazuh
-->

<ossec_config>
  <global>
    <jsonout_output>yes</jsonout_output>
    <alerts_log>yes</alerts_log>
    <email_notification>no</email_notification>
  </global>

  <alerts>
    <log_alert_level>3</log_alert_level>
    <email_alert_level>12</email_alert_level>
  </alerts>

  <remote>
    <connection>secure</connection>
    <port>1514</port>
    <protocol>tcp</protocol>
  </remote>

  <global>
    <white_list>127.0.0.1</white_list>
    <white_list>^localhost.localdomain$</white_list>
    <white_list>192.0.2.53</white_list>
  </global>

  <command>
    <name>firewall-drop</name>
    <executable>firewall-drop</executable>
    <timeout_allowed>yes</timeout_allowed>
  </command>

  <command>
    <name>route-null</name>
    <executable>route-null</executable>
    <timeout_allowed>yes</timeout_allowed>
  </command>

  <!--
  <active-response>
    active-response options here
  </active-response>
  -->

  <ruleset>
    <!-- Default ruleset -->
    <decoder_dir>ruleset/decoders</decoder_dir>
    <rule_dir>ruleset/rules</rule_dir>
    <rule_exclude>0215-policy_rules.xml</rule_exclude>
    <list>etc/lists/audit-keys</list>

    <!-- User-defined ruleset -->
    <decoder_dir>etc/decoders</decoder_dir>
    <rule_dir>etc/rules</rule_dir>
  </ruleset>

  <auth>
    <disabled>no</disabled>
    <port>1515</port>
  </auth>
</ossec_config>

<ossec_config>
  <localfile>
    <log_format>journald</log_format>
    <location>journald</location>
  </localfile>

  <localfile>
    <log_format>syslog</log_format>
    <location>/var/ossec/logs/active-responses.log</location>
  </localfile>
</ossec_config>
`;

/** Wazuh's agent, which reads active-responses.log already. */
export const WAZUH_AGENT = `<ossec_config>
  <client>
    <server>
      <address>192.0.2.10</address>
      <port>1514</port>
      <protocol>tcp</protocol>
    </server>
    <crypto_method>aes</crypto_method>
  </client>

  <localfile>
    <log_format>apache</log_format>
    <location>/var/log/apache2/access.log</location>
  </localfile>

  <localfile>
    <log_format>syslog</log_format>
    <location>/var/ossec/logs/active-responses.log</location>
  </localfile>

  <!-- Active response -->
  <active-response>
    <disabled>no</disabled>
    <ca_store>etc/wpk_root.pem</ca_store>
    <ca_verification>yes</ca_verification>
  </active-response>
</ossec_config>
`;

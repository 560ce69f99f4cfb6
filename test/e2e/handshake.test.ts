import * as assert from 'uvu/assert';
import { runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneNetwork } from '../lab/fixtures.ts';
import { Installation } from '../lab/installation.ts';
import { WAZUH5_RULE, wazuh4, wazuh4AgentControl, wazuh5 } from '../lab/managers.ts';
import { ADDRESS, type Network } from '../lab/network.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { leftToAll } from '../runner/share.ts';

for (const [name, node] of INTERPRETERS) {
  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    const test = labSuite(`${response} under Wazuh's execd on ${name}`, 'nft');
    // These tests check code that the scripts share, so `npm test` runs them only with one script.
    const once = response === 'firewall-drop' ? test : leftToAll(test);
    const script = `${response}.js`;
    let network: Network;
    let at: Installation;

    allOnOneNetwork(test, (made) => {
      network = made;
    });
    test.before.each(async () => {
      at = await Installation.create(network.web, node);
    });
    test.after.each(async () => {
      await runWithMessage(at, response, wazuh4('delete', ADDRESS.attacker));
      await at.remove();
    });

    const inForce = async () => {
      const { stdout } = await runWithArguments(at, response, ['--list']);
      return stdout.includes(`${ADDRESS.attacker} `) && / {2}yes {2}/.test(stdout);
    };
    const question = `{"version":1,"origin":{"name":"${script}","module":"active-response"},"command":"check_keys","parameters":{"keys":["${ADDRESS.attacker}"]}}`;

    test('asks once with the address as key, and blocks when the manager answers continue', async () => {
      const { status, questions } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.ok(await inForce());
    });

    once('asks with the IPv4 address as key for an IPv4-mapped address', async () => {
      const { questions } = await runWithMessage(at, response, wazuh4('add', `::ffff:${ADDRESS.attacker}`));
      assert.equal(questions, [question]);
    });

    test('blocks no unknown address and exits with 0 when the manager answers abort', async () => {
      const { status } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), 'abort');
      assert.is(status, 0);
      assert.not(await inForce());
      assert.is((await at.journal()).at(-1)?.event, 'already');
    });

    once(
      'extends a known block when the manager answers abort, because the manager extends its timer, too',
      async () => {
        await at.write('etc/shared/ar.conf', `block60 - ${script} - 60\n`);
        await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
        const first = (await at.ledger(response, ADDRESS.attacker))?.until as string;
        await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), 'abort');
        const second = (await at.ledger(response, ADDRESS.attacker))?.until as string;
        assert.ok(second > first, `${second} after ${first}`);
        assert.is((await at.ledger(response, ADDRESS.attacker))?.offence, 1);
        // A manager raises an alert and sends a mail for a new block in the log (rule 117001), but not for a renewal.
        assert.equal(
          (await at.journal()).map(({ event }) => event),
          ['blocked', 'already'],
        );
        assert.match((await at.log()).at(-1) ?? '', '"outcome":"already","reason":"renewed until ');
      },
    );

    for (const reply of ['end', 'nothing'] as const) {
      const register = reply === 'end' ? test : once;
      register(`blocks without an answer (${reply}), and reports the missing answer`, async () => {
        const { status } = await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker), reply);
        assert.is(status, 0);
        assert.ok(await inForce());
        assert.match((await at.log()).at(-1) ?? '', 'the manager gave no answer');
      });
    }

    once('unblocks for a delete, and prints nothing to standard output', async () => {
      await runWithMessage(at, response, wazuh4('add', ADDRESS.attacker));
      const { status, questions } = await runWithMessage(at, response, wazuh4('delete', ADDRESS.attacker));
      assert.is(status, 0);
      assert.equal(questions, []);
      assert.not(await inForce());
    });

    once(
      'asks nothing about an address that is never blocked, so that execd keeps no key for it',
      async () => {
        const { status, questions } = await runWithMessage(at, response, wazuh4('add', '127.0.0.1'));
        assert.is(status, 0);
        assert.equal(questions, []);
      },
    );

    once('blocks for agent_control -b, which sends neither rule nor alert id', async () => {
      const { status } = await runWithMessage(at, response, wazuh4AgentControl(ADDRESS.attacker));
      assert.is(status, 0);
      assert.ok(await inForce());
    });

    test('blocks at enable and unblocks at disable of Wazuh 5, and uses the time of a stateful response', async () => {
      const { status, questions } = await runWithMessage(
        at,
        response,
        wazuh5('enable', ADDRESS.attacker, 600),
      );
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.ok(await inForce());
      const { since, until } = (await at.ledger(response, ADDRESS.attacker)) as {
        since: string;
        until: string;
      };
      assert.is(Math.round((Date.parse(until) - Date.parse(since)) / 1000), 900);
      assert.is((await runWithMessage(at, response, wazuh5('disable', ADDRESS.attacker, 600))).status, 0);
      assert.not(await inForce());
    });

    test('renews the block at a second enable of Wazuh 5, although the manager answers abort', async () => {
      await runWithMessage(at, response, wazuh5('enable', ADDRESS.attacker, 600));
      const again = await runWithMessage(at, response, wazuh5('enable', ADDRESS.attacker, 600), 'abort');
      assert.is(again.status, 0);
      assert.equal(
        (await at.journal()).map(({ event, rule, level }) => [event, rule, level]),
        ['blocked', 'already'].map((event) => [event, WAZUH5_RULE, 9]),
      );
    });

    once(
      'uses the severe time for a Wazuh 5 rule in SEVERE_RULES, even when fields are null or 61 KB long',
      async () => {
        await at.write('etc/riposte.conf', `BLOCK_FOR=1d,7d\nSEVERE_RULES=31151,${WAZUH5_RULE}\n`);
        const nulls = { user: null, http: null, url: { original: null }, rule: null };
        const large = { message: 'x'.repeat(61 * 1024) };
        for (const [address, more] of [
          [ADDRESS.attacker, nulls],
          ['203.0.113.61', large],
        ] as const) {
          const message = wazuh5('enable', address, 600, null, more);
          assert.is((await runWithMessage(at, response, message)).status, 0);
          const { since, until } = (await at.ledger(response, address)) as { since: string; until: string };
          assert.is(Math.round((Date.parse(until) - Date.parse(since)) / 1000), 7 * 86_400);
        }
      },
    );

    once("takes the same flags from Wazuh's extra_args and from the command line", async () => {
      const message = wazuh4('add', ADDRESS.attacker, ['--block-for', '1d,7d']);
      assert.is((await runWithMessage(at, response, message)).status, 0);
      const { since, until } = (await at.ledger(response, ADDRESS.attacker)) as {
        since: string;
        until: string;
      };
      assert.is(Math.round((Date.parse(until) - Date.parse(since)) / 1000), 86400);
    });

    once('blocks nothing and logs the commands when extra_args ask for a dry run', async () => {
      const message = wazuh4('add', ADDRESS.attacker, ['--dry-run']);
      const { status, questions } = await runWithMessage(at, response, message);
      assert.is(status, 0);
      assert.equal(questions, [question]);
      assert.not(await inForce());
      assert.match((await at.log()).at(-1) ?? '', /"outcome":"rehearsed","reason":"dry run: would /);
    });

    test.run();
  }
}

import { realpathSync } from 'node:fs';
import { homeAt } from '../../../active-response/home.ts';
import { Box } from '../../../cli/resident/box.ts';

// Makes the box of a home, and says where it lies: the tests run it where it sees a /run and a /dev/shm of its own.
const [, , root = ''] = process.argv;
const box = new Box(homeAt(root));
box.create();
console.log(realpathSync(box.root));

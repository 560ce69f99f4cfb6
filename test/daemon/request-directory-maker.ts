import { realpathSync } from 'node:fs';
import { homeAt } from '../../active-response/home.ts';
import { RequestDirectory } from '../../daemon/request-directory.ts';

// Makes the request directory of a home and prints its path. Tests run this with a private /run and /dev/shm.
const [, , root = ''] = process.argv;
const directory = new RequestDirectory(homeAt(root));
directory.create();
console.log(realpathSync(directory.root));

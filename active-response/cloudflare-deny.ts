import { deliver, deliveryIn } from './backend/cloudflare/deliver.ts';
import { main } from './main.ts';
import { cloudflareDeny } from './response/cloudflare-deny.ts';

main(cloudflareDeny, (words, { home, script }) => {
  const delivery = deliveryIn(words);
  return delivery && deliver(home, script, delivery.seconds);
});

// Fills the library with the sample gallery, so that a first `npm start` has pictures to show.

import { buildGallery } from './gallery';
import { main } from './main';

const { folder } = await buildGallery();
process.exitCode = await main(['ingest', folder, '--collection', 'gallery']);

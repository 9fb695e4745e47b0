// Whether catalog, pictures on the disk and saved indexes agree, and bringing them to.

export { checkLibrary, type CheckOptions, type Checked } from './check';

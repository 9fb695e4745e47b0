// Captions of pictures as files hold them: lists in several formats, and texts beside pictures.

export { readCaptionRows } from './rows';
export type { CaptionRow, CaptionText } from './rows';
export { FOLDER_LISTS, readSideText, sideFile } from './side';
export type { SideText } from './side';

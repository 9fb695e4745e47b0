// What is said where several pictures are chosen, in both languages.
import { defineMessages } from '../../_lib/language';

const pictures = (count: number) => (count === 1 ? '1 picture' : `${count} pictures`);

export const selectionMessages = defineMessages(
  {
    selection: 'Chosen pictures',
    chosen: (count: number) => `${count} chosen`,
    clear: 'Choose none',
    moreLike: 'More like these',
    tooMany: (most: number) => `A search takes at most ${most} pictures`,
    add: 'Add to a collection',
    addTitle: (count: number) => `Add ${pictures(count)} to a collection`,
    newCollection: 'New collection',
    make: 'Add',
    close: 'Close',
    added: (count: number, name: string) => `${pictures(count)} added to “${name}”`,
    takeOut: (name: string) => `Take out of “${name}”`,
    takenOut: (count: number, name: string) => `${pictures(count)} taken out of “${name}”`,
    download: 'Download',
    forget: 'Forget',
    forgetTitle: (count: number) => `Forget ${pictures(count)}?`,
    forgetText:
      'Their captions, embeddings and places in collections go. No file on the disk is touched: adding the folder again brings the pictures back.',
    forgotten: (count: number) => `${pictures(count)} forgotten`,
  },
  {
    selection: '选中的图片',
    chosen: (count: number) => `已选 ${count} 张`,
    clear: '取消选择',
    moreLike: '更多类似',
    tooMany: (most: number) => `一次搜索最多 ${most} 张图片`,
    add: '加入合集',
    addTitle: (count: number) => `将 ${count} 张图片加入合集`,
    newCollection: '新合集',
    make: '加入',
    close: '关闭',
    added: (count: number, name: string) => `已将 ${count} 张图片加入“${name}”`,
    takeOut: (name: string) => `移出“${name}”`,
    takenOut: (count: number, name: string) => `已将 ${count} 张图片移出“${name}”`,
    download: '下载',
    forget: '从图库移除',
    forgetTitle: (count: number) => `从图库移除这 ${count} 张图片？`,
    forgetText:
      '它们的说明文字、向量和所属合集都会移除。磁盘上的文件不会改动：再次添加该文件夹，图片就会回来。',
    forgotten: (count: number) => `已从图库移除 ${count} 张图片`,
  },
);

// What charts say of themselves.
import { defineMessages } from '../../_lib/language';

export const messages = defineMessages(
  { chart: 'chart: left and right show the values', values: 'Values', nothingYet: 'Nothing yet.' },
  { chart: '图表：按左右键查看数值', values: '数值', nothingYet: '暂无数据。' },
);

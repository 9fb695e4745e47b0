// The settings of a run by the names that a reader knows.
import type { Messages } from '../_lib/language';

export const settingLabels: Messages<Record<string, string>> = {
  en: {
    model: 'Base model',
    data: 'Data',
    holdout: 'Held out',
    test: 'Test share',
    loss: 'Loss',
    epochs: 'Epochs',
    batchSize: 'Batch size',
    microBatch: 'Micro-batch',
    captionsPerPicture: 'Captions a picture',
    learningRate: 'Learning rate',
    weightDecay: 'Weight decay',
    augmentation: 'Augmentation',
    lora: 'Adapters',
    freeze: 'Frozen tower',
    patience: 'Patience',
    seed: 'Seed',
  },
  zh: {
    model: '基础模型',
    data: '数据',
    holdout: '留出比例',
    test: '测试比例',
    loss: '损失函数',
    epochs: '轮数',
    batchSize: '批大小',
    microBatch: '微批',
    captionsPerPicture: '每图说明数',
    learningRate: '学习率',
    weightDecay: '权重衰减',
    augmentation: '数据增强',
    lora: '适配器',
    freeze: '冻结的塔',
    patience: '耐心',
    seed: '随机种子',
  },
};

/** A setting as it stands in the run's file, on one line. */
export function settingText(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(/[{}"]/g, '');
}

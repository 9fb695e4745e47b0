// The page that asks for the token. It stands before everything else, so it takes nothing from the app.

const texts = {
  en: {
    title: 'Sign in',
    token: 'Token',
    hint: 'The value of BIFOCAL_TOKEN on the server.',
    submit: 'Sign in',
    wrong: 'That is not the token.',
  },
  zh: {
    title: '登录',
    token: '令牌',
    hint: '服务器上 BIFOCAL_TOKEN 的值。',
    submit: '登录',
    wrong: '令牌不正确。',
  },
};

const STYLE = `
  :root { color-scheme: light dark; --ground: #fbfaf8; --surface: #fff; --line: #8a847a;
    --ink: #1c1a17; --muted: #67625a; --on-ink: #fbfaf8; --warn: #9a3412; }
  @media (prefers-color-scheme: dark) { :root { --ground: #141311; --surface: #1e1c19;
    --line: #7d766b; --ink: #f3f0ea; --muted: #a8a196; --on-ink: #141311; --warn: #fdba8c; } }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 16px;
    background: var(--ground); color: var(--ink); font: 16px/1.5 ui-sans-serif, system-ui, sans-serif }
  form { width: min(100%, 360px); display: grid; gap: 12px }
  h1 { margin: 0; font-size: 28px; letter-spacing: -.02em }
  label { font-weight: 600 }
  input, button { width: 100%; min-height: 48px; padding: 0 16px; border-radius: 14px; font: inherit }
  input { border: 1px solid var(--line); background: var(--surface); color: inherit }
  button { border: 0; background: var(--ink); color: var(--on-ink); font-weight: 600; cursor: pointer }
  :focus-visible { outline: 2px solid currentcolor; outline-offset: 2px }
  small { color: var(--muted) } p { margin: 0; color: var(--warn) }`;

interface LoginPage {
  nonce: string;
  /** Where to go then. */
  to: string;
  wrong: boolean;
  /** The Accept-Language header. */
  language: string | undefined;
}

export function loginPage({ nonce, to, wrong, language }: LoginPage): string {
  const lang = language?.trimStart().toLowerCase().startsWith('zh') ? 'zh' : 'en';
  const text = texts[lang];
  return `<!doctype html>
<html lang="${lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text.title} · Bifocal</title>
<style nonce="${nonce}">${STYLE}</style>
<main>
  <form method="post" action="/login">
    <h1>Bifocal</h1>
    <label for="token">${text.token}</label>
    <input id="token" name="token" type="password" autocomplete="current-password" required autofocus
      aria-describedby="hint">
    <small id="hint">${text.hint}</small>
    ${wrong ? `<p role="alert">${text.wrong}</p>` : ''}
    <input type="hidden" name="to" value="${escape(to)}">
    <button>${text.submit}</button>
  </form>
</main>
</html>
`;
}

/** A path of this server and nothing else, to go to after signing in. */
export function ownPath(to: string | null): string {
  return to !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

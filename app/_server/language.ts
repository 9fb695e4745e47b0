// The language of the page that is being drawn, from the visitor's cookie or browser.
import { cookies, headers } from 'next/headers';
import { chooseLanguage, LANGUAGE_COOKIE, type Language } from '../_lib/language';

export async function pageLanguage(): Promise<Language> {
  const [jar, sent] = await Promise.all([cookies(), headers()]);
  return chooseLanguage(jar.get(LANGUAGE_COOKIE)?.value, sent.get('Accept-Language'));
}

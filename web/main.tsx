import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './kit/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './console/app.tsx';
import { lendNonce } from './kit/nonce.ts';
import { loadLanguage } from './text/index.ts';

lendNonce();
await loadLanguage();
const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

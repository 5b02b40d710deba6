/** The console's start. */
import "@cloudscape-design/global-styles/index.css";
import "./app/app.css";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { createRouter } from "./app/routes";
import { startTheme } from "./app/theme";

startTheme();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <I18nProvider locale="en" messages={[messages]}>
      <RouterProvider router={createRouter()} />
    </I18nProvider>
  </StrictMode>,
);

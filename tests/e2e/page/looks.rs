//! How the page looks to everybody: checked by axe-core in light and dark, on a phone and at a desk, and written from
//! right to left.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Page;
use super::hands::DevTools;

/// A way to look at the page.
struct Look {
    name: &'static str,
    size: (u32, u32),
    phone: bool,
    scheme: &'static str,
    direction: &'static str,
}

const LOOKS: [Look; 5] = [
    Look::new("desk-light", false, "light", "ltr"),
    Look::new("desk-dark", false, "dark", "ltr"),
    Look::new("phone-light", true, "light", "ltr"),
    Look::new("phone-dark", true, "dark", "ltr"),
    Look::new("desk-rtl", false, "light", "rtl"),
];

impl Look {
    const fn new(
        name: &'static str,
        phone: bool,
        scheme: &'static str,
        direction: &'static str,
    ) -> Self {
        Self {
            name,
            size: if phone { (390, 844) } else { (1_280, 800) },
            phone,
            scheme,
            direction,
        }
    }
}

/// What axe finds: any rule of WCAG 2 at A or AA, and whatever it holds for serious. Wider than the window is a fault too.
const AUDIT: &str = r"
    const done = arguments[arguments.length - 1];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    window.axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => {
        const grave = violations.filter(({ impact, tags }) =>
            ['serious', 'critical'].includes(impact) || tags.some((tag) => /^wcag2\d?a/.test(tag)));
        const found = grave.map(({ id, help, nodes }) => `${id}: ${help}: ` +
            nodes.slice(0, 4).map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join('; '));
        if (wide > 0) found.push(`the page is ${wide} pixels wider than the window`);
        done(found);
    }).catch((error) => done([String(error)]));";

impl Page {
    /// Fails on any fault that axe finds, in every look. Keeps pictures of them where `LORIKEET_PHOTOGRAPHS` names a
    /// directory, for a person to look at.
    pub(crate) async fn looks_well(&self, screen: &str) -> Result<()> {
        let path =
            std::env::var_os("LORIKEET_AXE").context("LORIKEET_AXE is not set: use tests/run")?;
        let axe = std::fs::read_to_string(&path)?;
        let mut faults = Vec::new();
        for look in &LOOKS {
            self.looks(look).await?;
            self.client.execute(&axe, vec![]).await?;
            let found = self.client.execute_async(AUDIT, vec![]).await?;
            let found: Vec<String> = serde_json::from_value(found)?;
            faults.extend(found.iter().map(|fault| format!("{}: {fault}", look.name)));
            if let Some(directory) = std::env::var_os("LORIKEET_PHOTOGRAPHS") {
                let name = format!("{screen}-{}.png", look.name);
                self.photographs(&Path::new(&directory).join(name)).await?;
            }
        }
        self.looks_as_before().await?;
        if !faults.is_empty() {
            bail!("{screen}:\n{}", faults.join("\n"));
        }
        Ok(())
    }

    async fn looks(&self, look: &Look) -> Result<()> {
        let (width, height) = look.size;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": look.phone });
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": look.scheme },
            // Nothing is looked at while it fades in.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        let touch = json!({ "enabled": look.phone, "maxTouchPoints": 1 });
        self.browser("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        self.browser("Emulation.setEmulatedMedia", media).await?;
        self.browser("Emulation.setTouchEmulationEnabled", touch)
            .await?;
        self.turns(look.direction).await
    }

    async fn looks_as_before(&self) -> Result<()> {
        self.turns("ltr").await?;
        self.browser("Emulation.clearDeviceMetricsOverride", json!({}))
            .await?;
        self.browser(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": false }),
        )
        .await?;
        self.browser("Emulation.setEmulatedMedia", json!({ "features": [] }))
            .await
    }

    async fn turns(&self, direction: &str) -> Result<()> {
        let script = "document.documentElement.dir = arguments[0]; \
             document.querySelector('.live')?.scrollIntoView({block: 'start', behavior: 'instant'});";
        self.client.execute(script, vec![json!(direction)]).await?;
        Ok(())
    }

    pub(super) async fn browser(&self, command: &'static str, parameters: Value) -> Result<()> {
        self.client.issue_cmd(DevTools(command, parameters)).await?;
        Ok(())
    }

    async fn photographs(&self, file: &Path) -> Result<()> {
        std::fs::write(file, self.client.screenshot().await?)?;
        Ok(())
    }
}

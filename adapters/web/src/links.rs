//! Files for people elsewhere: addresses on the page's own site that need no login and expire.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_chat::{FileBlock, Timestamp};
use lorikeet_platform::{DeliveryError, FileLinks};
use lorikeet_store::Transcript;

use crate::Web;
use crate::sign::Signer;
use crate::store_error;

struct SiteLinks {
    public_url: String,
    transcript: Arc<dyn Transcript>,
}

impl Web {
    /// What makes addresses of files for other platforms; absent where the page has no address that others can open.
    pub fn links(&self) -> Option<Arc<dyn FileLinks>> {
        let public_url = self.shared.config.public_url.clone()?;
        Some(Arc::new(SiteLinks {
            public_url,
            transcript: Arc::clone(&self.shared.transcript),
        }))
    }
}

#[async_trait]
impl FileLinks for SiteLinks {
    async fn link(&self, file: &FileBlock, until: Timestamp) -> Result<String, DeliveryError> {
        // The key every process shares, so that any of them serves what another promised.
        let signer = Signer::load(self.transcript.as_ref())
            .await
            .map_err(store_error)?;
        let site = self.public_url.trim_end_matches('/');
        Ok(format!("{site}{}", signer.shared(file, until)))
    }
}

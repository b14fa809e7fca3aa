//! A person who turns every page of a screen.

use std::collections::BTreeMap;

use lorikeet_chat::{Capabilities, Degradation, Rendered, Screen, Stamp};

use crate::Rendering;

/// More pages than any screen of the strategies needs.
const MAX_PAGES: usize = 400;

/// Every page of a screen, the first one first.
pub(crate) struct Walk<R: Rendering> {
    pub(crate) pages: Vec<(R::Page, Rendered<R::Message>)>,
    /// From which page to which.
    turns: Vec<(usize, usize)>,
}

impl<R: Rendering> Walk<R> {
    /// Turns to every page there is.
    ///
    /// # Errors
    /// When there is no end to them.
    pub(crate) fn new(screen: &Screen, stamp: Stamp, room: &Capabilities) -> Result<Self, String> {
        let mut known = BTreeMap::from([(R::Page::default(), 0)]);
        let mut ahead = vec![R::Page::default()];
        let mut walk = Self {
            pages: Vec::new(),
            turns: Vec::new(),
        };
        while let Some(page) = ahead.get(walk.pages.len()).cloned() {
            let here = walk.pages.len();
            if here == MAX_PAGES {
                return Err(format!("there is no end to the pages: {page:?}"));
            }
            let rendered = R::render(screen, stamp, room, &page);
            for next in rendered.messages.iter().flat_map(R::turns) {
                let there = *known.entry(next.clone()).or_insert_with(|| {
                    ahead.push(next);
                    ahead.len() - 1
                });
                walk.turns.push((here, there));
            }
            walk.pages.push((page, rendered));
        }
        Ok(walk)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &R::Message> {
        self.pages.iter().flat_map(|(_, page)| &page.messages)
    }

    /// Whether some page says that it lost something of a part.
    pub(crate) fn reports(&self, part: &str) -> bool {
        let mut losses = self.pages.iter().flat_map(|(_, page)| &page.degradations);
        losses.any(|loss| {
            let (Degradation::Shortened { what }
            | Degradation::Replaced { what, .. }
            | Degradation::Dropped { what }) = loss;
            what == part
        })
    }

    /// A page from which the first one cannot be turned to again.
    pub(crate) fn dead_end(&self) -> Option<&R::Page> {
        let mut leads_back = vec![false; self.pages.len()];
        let mut ahead = vec![0];
        while let Some(there) = ahead.pop() {
            if !std::mem::replace(&mut leads_back[there], true) {
                let before = self.turns.iter().filter(|(_, to)| *to == there);
                ahead.extend(before.map(|(from, _)| *from));
            }
        }
        let dead = leads_back.iter().position(|leads| !leads)?;
        self.pages.get(dead).map(|(page, _)| page)
    }
}

//! Between the typed instance and the one that lies in a session: writing, reading, migrating.

use serde_json::Value;

use crate::{Context, Fault, Flow, Instance, Restart, State, Step, Stored, instance::Path};

impl<S: Step, T: State, C: Context + ?Sized> Flow<S, T, C> {
    /// The instance as it goes into a session.
    ///
    /// # Errors
    /// When the state cannot be written as JSON: a map with keys that are no strings, for instance.
    pub fn store(&self, instance: &Instance<S, T>) -> Result<Stored, Fault> {
        let state = serde_json::to_value(&instance.state)
            .map_err(|error| Fault::State(error.to_string()))?;
        let history = instance.path.history.iter();
        Ok(Stored {
            flow: self.name.to_owned(),
            version: self.version,
            step: instance.path.step.name().to_owned(),
            history: history.map(|step| step.name().to_owned()).collect(),
            state,
        })
    }

    /// The instance a session holds, brought up to the definition's version. Steps of the history that are gone are
    /// left out of it.
    ///
    /// # Errors
    /// When the instance cannot be continued. Whatever is in it, this does not panic.
    pub fn load(&self, stored: &Stored) -> Result<Instance<S, T>, Restart> {
        if stored.flow != self.name {
            return Err(Restart::Flow(stored.flow.clone()));
        }
        if stored.version == self.version {
            return self.read(&stored.step, &stored.history, &stored.state);
        }
        let (step, state) = self.migrated(stored)?;
        self.read(&step, &stored.history, &state)
    }

    fn read(
        &self,
        step: &str,
        history: &[String],
        state: &Value,
    ) -> Result<Instance<S, T>, Restart> {
        let known = |name: &str| self.steps.iter().find(|known| known.step.name() == name);
        let current = known(step).ok_or_else(|| Restart::Step(step.to_owned()))?;
        let state = T::deserialize(state).map_err(|error| Restart::State(error.to_string()))?;
        // Walked anew, so that a history from elsewhere keeps the rules of a path: no circles, none behind one-way steps.
        let way = history.iter().filter_map(|name| known(name));
        let way = way.filter(|behind| !behind.passing);
        let path = way
            .chain([current])
            .fold(None, |path: Option<Path<S>>, next| {
                Some(match path {
                    Some(path) => path.on_to(next.step, next.one_way),
                    None => Path::at(next.step),
                })
            });
        Ok(Instance {
            path: path.unwrap_or(Path::at(current.step)),
            state,
        })
    }

    fn migrated(&self, stored: &Stored) -> Result<(String, Value), Restart> {
        let unreachable = || Restart::Version {
            stored: stored.version,
            current: self.version,
        };
        if stored.version > self.version {
            return Err(unreachable());
        }
        let mut migrated = (stored.step.clone(), stored.state.clone());
        for version in stored.version..self.version {
            let (_, migration) = self
                .migrations
                .iter()
                .find(|(from, _)| *from == version)
                .ok_or_else(unreachable)?;
            migrated = migration(migrated.0, migrated.1).ok_or(Restart::Migration(version))?;
        }
        Ok(migrated)
    }
}

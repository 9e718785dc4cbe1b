//! Setters of builders that collect the parameters of one method.

/// Writes setters that hand their value on to the setter of `self.params` with the same name.
///
/// The word before the name tells what is taken: `into`, anything that becomes the type; `plain`, the type itself, so that
/// the type of a literal is known; `list`, anything that can be gone through; `path` and `paths`, any path or paths. One that the server cannot
/// be told goes to `self.refuse`, as an error for the end of the builder.
macro_rules! forward_to_params {
    ($($(#[doc = $doc:literal])+ $how:ident $name:ident: $value:ty;)+) => {
        $($crate::forward::forward_one! { $how $name: $value, $($doc)+ })+
    };
}

macro_rules! forward_one {
    (into $name:ident: $value:ty, $($doc:literal)+) => {
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl Into<$value>) -> Self {
            self.params = self.params.$name($name);
            self
        }
    };
    (plain $name:ident: $value:ty, $($doc:literal)+) => {
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: $value) -> Self {
            self.params = self.params.$name($name);
            self
        }
    };
    (path $name:ident: $value:ty, $($doc:literal)+) => {
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl AsRef<std::path::Path>) -> Self {
            match $crate::path::text($name.as_ref()) {
                Ok(text) => self.params = self.params.$name(text),
                Err(error) => self.refuse(error),
            }
            self
        }
    };
    (paths $name:ident: $value:ty, $($doc:literal)+) => {
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl IntoIterator<Item = impl AsRef<std::path::Path>>) -> Self {
            let told = $name.into_iter().map(|path| $crate::path::text(path.as_ref()));
            match told.collect::<$crate::Result<Vec<_>>>() {
                Ok(texts) => self.params = self.params.$name(texts),
                Err(error) => self.refuse(error),
            }
            self
        }
    };
    (list $name:ident: $value:ty, $($doc:literal)+) => {
        $(#[doc = $doc])+
        pub fn $name(mut self, $name: impl IntoIterator<Item = impl Into<$value>>) -> Self {
            self.params = self.params.$name($name);
            self
        }
    };
}

pub(crate) use {forward_one, forward_to_params};

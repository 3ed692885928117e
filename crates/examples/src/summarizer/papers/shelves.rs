use super::bill::{Bill, Plan};
use super::document::{Document, Title};
use super::samples;
use chancery_verifier::{Forbidden, Verified};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the documents and the bills are: in memory, for as long as the example runs. Clones share them.
///
/// Every way in takes the token, and nothing comes out before the token was held against the record (rule R21).
#[derive(Clone, Debug)]
pub struct Shelves {
    /// By number.
    documents: Arc<BTreeMap<String, Document>>,
    /// By tenant.
    bills: Arc<Mutex<BTreeMap<String, Bill>>>,
}

impl Shelves {
    /// Shelves with documents of two tenants, `acme` and `globex`.
    pub fn with_examples() -> Self {
        let documents = samples::documents().into_iter().map(|one| (one.number.clone(), one)).collect();
        let bills = samples::bills().into_iter().map(|one| (one.tenant.clone(), one)).collect();
        Self { documents: Arc::new(documents), bills: Arc::new(Mutex::new(bills)) }
    }

    /// What the token may read, by number.
    pub fn titles(&self, token: &Verified) -> Vec<Title> {
        let allowed = self.documents.values().filter(|document| token.allows(*document).is_ok());
        let title = |one: &Document| Title { number: one.number.clone(), title: one.title.clone() };
        allowed.map(title).collect()
    }

    /// One document. A number that nobody has is refused like another tenant's: which there are is not told.
    ///
    /// # Errors
    /// The token is not for it, or it is not there.
    pub fn document(&self, token: &Verified, number: &str) -> Result<Document, Forbidden> {
        let document = self.documents.get(number).ok_or(Forbidden::OtherTenant)?;
        token.allows(document)?;
        Ok(document.clone())
    }

    /// The bill of the token's tenant.
    ///
    /// # Errors
    /// The token is not for it, or the tenant has none.
    pub fn bill(&self, token: &Verified) -> Result<Bill, Forbidden> {
        self.own_bill(token, |bill| bill.clone())
    }

    /// Puts the token's tenant on another plan.
    ///
    /// # Errors
    /// As [`Shelves::bill`].
    pub fn take_plan(&self, token: &Verified, plan: Plan) -> Result<Bill, Forbidden> {
        self.own_bill(token, |bill| {
            bill.plan = plan;
            bill.clone()
        })
    }

    fn own_bill<T>(&self, token: &Verified, with: impl FnOnce(&mut Bill) -> T) -> Result<T, Forbidden> {
        let mut bills = self.bills();
        let bill = bills.get_mut(token.tenant().as_str()).ok_or(Forbidden::OtherTenant)?;
        token.allows(bill)?;
        Ok(with(bill))
    }

    fn bills(&self) -> MutexGuard<'_, BTreeMap<String, Bill>> {
        self.bills.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

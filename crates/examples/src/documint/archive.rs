use super::account::{Account, Plan};
use super::customer::Customer;
use super::draft::Draft;
use super::invoice::Invoice;
use super::pdf;
use super::refusal::Refusal;
use super::template::Template;
use super::{samples, series};
use chancery_verifier::{Forbidden, Record, Verified};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the records are: in memory, for as long as the example runs. Clones share them.
///
/// Every way in takes the token, and nothing comes out or changes before the token was held against the record
/// (rule R21). So no handler can forget to ask.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    records: Arc<Mutex<Records>>,
}

#[derive(Debug, Default)]
struct Records {
    /// By tenant.
    accounts: BTreeMap<String, Account>,
    /// By number.
    customers: BTreeMap<String, Customer>,
    /// By number.
    invoices: BTreeMap<String, Invoice>,
    /// By tenant and name.
    templates: BTreeMap<(String, String), Template>,
    /// How many numbers each series has given out: none is given twice, also after its record is gone.
    given: BTreeMap<String, u64>,
}

impl Archive {
    /// An archive with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// An archive with records of two tenants, `acme` and `globex`.
    pub fn with_examples() -> Self {
        let mut records = Records::default();
        records.accounts.extend(samples::accounts().into_iter().map(|one| (one.tenant.clone(), one)));
        records.customers.extend(samples::customers().into_iter().map(|one| (one.number.clone(), one)));
        for template in samples::templates() {
            records.templates.insert((template.tenant.clone(), template.name.clone()), template);
        }
        for invoice in samples::invoices() {
            *records.given.entry(series::of(&invoice.number).to_owned()).or_default() += 1;
            records.invoices.insert(invoice.number.clone(), invoice);
        }
        Self { records: Arc::new(Mutex::new(records)) }
    }

    /// The account of the token's tenant.
    ///
    /// # Errors
    /// The tenant has no account.
    pub fn account(&self, token: &Verified) -> Result<Account, Refusal> {
        self.records().account(token, |account| account.clone())
    }

    /// Puts the account of the token's tenant on another plan.
    ///
    /// # Errors
    /// As [`Archive::account`].
    pub fn change_plan(&self, token: &Verified, plan: Plan) -> Result<Account, Refusal> {
        self.records().account(token, |account| {
            account.plan = plan;
            account.clone()
        })
    }

    /// The customers that the token may see.
    pub fn customers(&self, token: &Verified) -> Vec<Customer> {
        allowed(token, self.records().customers.values())
    }

    /// One customer.
    ///
    /// # Errors
    /// It is not the token's, or there is none.
    pub fn customer(&self, token: &Verified, number: &str) -> Result<Customer, Refusal> {
        let records = self.records();
        records.numbered(&records.customers, token, number).cloned()
    }

    /// The templates that the token may see.
    pub fn templates(&self, token: &Verified) -> Vec<Template> {
        allowed(token, self.records().templates.values())
    }

    /// One template. Names are the account's own, so there is no way to name another tenant's.
    ///
    /// # Errors
    /// The account has no such template.
    pub fn template(&self, token: &Verified, name: &str) -> Result<Template, Refusal> {
        self.records().template(token, name, |template| template.clone())
    }

    /// Changes what a template prints.
    ///
    /// # Errors
    /// As [`Archive::template`].
    pub fn change_template(
        &self,
        token: &Verified,
        name: &str,
        heading: String,
        footer: String,
    ) -> Result<Template, Refusal> {
        self.records().template(token, name, |template| {
            (template.heading, template.footer) = (heading, footer);
            template.clone()
        })
    }

    /// The invoices that the token may see, and nothing of the rest.
    pub fn invoices(&self, token: &Verified) -> Vec<Invoice> {
        allowed(token, self.records().invoices.values())
    }

    /// One invoice.
    ///
    /// # Errors
    /// It is not the token's, or there is none.
    pub fn invoice(&self, token: &Verified, number: &str) -> Result<Invoice, Refusal> {
        let records = self.records();
        records.numbered(&records.invoices, token, number).cloned()
    }

    /// One invoice as it is sent, a PDF: with the customer's address on it, so it has a scope of its own.
    ///
    /// # Errors
    /// As [`Archive::invoice`].
    pub fn export_invoice(&self, token: &Verified, number: &str) -> Result<Vec<u8>, Refusal> {
        let records = self.records();
        let invoice = records.numbered(&records.invoices, token, number)?;
        // What an invoice shows belongs to it: the token was held against the whole of it.
        let account = records.accounts.get(&invoice.tenant).ok_or(Refusal::NotFound)?;
        let customer = records.customers.get(&invoice.customer).ok_or(Refusal::NotFound)?;
        let template = (invoice.tenant.clone(), invoice.template.clone());
        let template = records.templates.get(&template).ok_or(Refusal::NotFound)?;
        Ok(pdf::print(invoice, account, customer, template))
    }

    /// Keeps a new invoice of the token's tenant, created by the token's client.
    ///
    /// # Errors
    /// The token is not for such an invoice, or the draft breaks rules.
    pub fn create_invoice(&self, token: &Verified, draft: Draft) -> Result<Invoice, Refusal> {
        let mut records = self.records();
        let account = records.accounts.get(token.tenant().as_str()).ok_or(Refusal::NotFound)?;
        let series = account.series.clone();
        let place = records.given.get(&series).copied().unwrap_or(0).saturating_add(1);
        let total = draft.total();
        let invoice = Invoice {
            number: series::number(&series, place),
            tenant: token.tenant().to_string(),
            created_by: token.client_id().to_string(),
            project: draft.project,
            customer: draft.customer,
            template: draft.template,
            lines: draft.lines,
            total_cents: total.as_ref().copied().unwrap_or(0),
        };
        // The bound comes first: whoever may not bill a project learns nothing else about the draft.
        token.allows(&invoice)?;
        let mut faults = total.err().unwrap_or_default();
        faults.extend(records.unknown_parts(&invoice));
        if !faults.is_empty() {
            return Err(Refusal::Draft(faults));
        }
        records.given.insert(series, place);
        records.invoices.insert(invoice.number.clone(), invoice.clone());
        Ok(invoice)
    }

    /// Throws an invoice away.
    ///
    /// # Errors
    /// As [`Archive::invoice`].
    pub fn remove_invoice(&self, token: &Verified, number: &str) -> Result<(), Refusal> {
        let mut records = self.records();
        records.numbered(&records.invoices, token, number)?;
        records.invoices.remove(number);
        Ok(())
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    fn account<T>(&mut self, token: &Verified, with: impl FnOnce(&mut Account) -> T) -> Result<T, Refusal> {
        let account = self.accounts.get_mut(token.tenant().as_str()).ok_or(Refusal::NotFound)?;
        token.allows(account)?;
        Ok(with(account))
    }

    fn template<T>(
        &mut self,
        token: &Verified,
        name: &str,
        with: impl FnOnce(&mut Template) -> T,
    ) -> Result<T, Refusal> {
        let key = (token.tenant().to_string(), name.to_owned());
        let template = self.templates.get_mut(&key).ok_or(Refusal::NotFound)?;
        token.allows(template)?;
        Ok(with(template))
    }

    /// The record under a number of the token's own series. Any other number is refused alike, whether it exists or
    /// not, and whether anybody has the series.
    fn numbered<'r, R: Record>(
        &self,
        shelf: &'r BTreeMap<String, R>,
        token: &Verified,
        number: &str,
    ) -> Result<&'r R, Refusal> {
        let own = self.accounts.get(token.tenant().as_str());
        if own.is_none_or(|account| account.series != series::of(number)) {
            return Err(Forbidden::OtherTenant.into());
        }
        let record = shelf.get(number).ok_or(Refusal::NotFound)?;
        token.allows(record)?;
        Ok(record)
    }

    /// What the invoice names and its own account does not have. Another tenant's customers are as unknown as none.
    fn unknown_parts(&self, invoice: &Invoice) -> Vec<String> {
        let mut faults = Vec::new();
        let customer = self.customers.get(&invoice.customer);
        if customer.is_none_or(|customer| customer.tenant != invoice.tenant) {
            faults.push("the account has no such customer".to_owned());
        }
        if !self.templates.contains_key(&(invoice.tenant.clone(), invoice.template.clone())) {
            faults.push("the account has no such template".to_owned());
        }
        faults
    }
}

fn allowed<'r, R: Record + Clone + 'r>(token: &Verified, records: impl Iterator<Item = &'r R>) -> Vec<R> {
    records.filter(|record| token.allows(*record).is_ok()).cloned().collect()
}

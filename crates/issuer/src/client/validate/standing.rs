//! What a client may go on with beyond a token: its families, and those whom it delegates to.

use super::{Faults, InvalidClient};
use crate::client::{Authentication, Client, ClientKind, DpopPolicy, MAX_DELEGATES, MOST_FAMILIES, Refresh};
use crate::family::OnReplay;
use crate::revocation::LONGEST_FAMILY;

impl Client {
    pub(super) fn check_standing(&self, faults: &mut Faults) {
        if self.kind == ClientKind::Admin {
            if self.dpop == DpopPolicy::Required {
                faults.push(("/dpop".to_owned(), InvalidClient::AdminDpop));
            }
            let refreshes = self.refresh.is_some().then_some("/refresh");
            let delegates = (!self.may_delegate_to.is_empty()).then_some("/may_delegate_to");
            let places = refreshes.into_iter().chain(delegates);
            faults.extend(places.map(|place| (place.to_owned(), InvalidClient::AdminStanding)));
            return;
        }
        if let Some(refresh) = &self.refresh {
            self.check_refresh(refresh, faults);
        }
        self.check_delegates(faults);
    }

    fn check_refresh(&self, refresh: &Refresh, faults: &mut Faults) {
        let Refresh { idle, absolute, most_families, on_replay } = *refresh;
        if idle <= self.lifetime {
            let fault = InvalidClient::RefreshIdle { idle, lifetime: self.lifetime };
            faults.push(("/refresh/idle_secs".into(), fault));
        }
        // What ends families is forgotten when the longest of them is over.
        if absolute < idle || absolute > LONGEST_FAMILY {
            faults.push(("/refresh/absolute_secs".into(), InvalidClient::RefreshAbsolute { absolute }));
        }
        if !(1..=MOST_FAMILIES).contains(&most_families) {
            let fault = InvalidClient::MostFamilies { most: most_families };
            faults.push(("/refresh/most_families".into(), fault));
        }
        let proves = self.authentication != Authentication::None || self.dpop == DpopPolicy::Required;
        if on_replay == OnReplay::Refuse && !proves {
            faults.push(("/refresh/on_replay".into(), InvalidClient::ReplayUnproven));
        }
    }

    fn check_delegates(&self, faults: &mut Faults) {
        let named = self.may_delegate_to.len();
        if named > MAX_DELEGATES {
            faults.push(("/may_delegate_to".into(), InvalidClient::Delegates { named }));
        }
        for (at, id) in self.may_delegate_to.iter().enumerate() {
            let fault = if *id == self.id {
                InvalidClient::DelegateItself { id: id.clone() }
            } else if self.may_delegate_to.iter().take(at).any(|earlier| earlier == id) {
                InvalidClient::DelegateTwice { id: id.clone() }
            } else {
                continue;
            };
            faults.push((format!("/may_delegate_to/{at}"), fault));
        }
    }
}

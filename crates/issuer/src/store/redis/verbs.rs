//! The verbs of a store, as calls of scripts.

use super::family::Like;
use super::link::Attempt;
use super::reply::{Reply, value};
use super::scripts::{self, Call, Verb};
use super::{RedisStore, keys};
use crate::client::Client;
use crate::family::{Family, Presented, WhyEnded};
use crate::store::record::{self, absent, read_client, read_listed, write_client};
use crate::store::{Advanced, AdvancedLike, BeginFamilyError, EndedFamily, Likeness};
use crate::store::{
    AppendLogError, ChangeCounter, ChangedClients, Changes, Identity, InitialiseError, InsertError,
    ListedClient, ReplaceError, ReplaceKeyringError, SealedKeyring, Store, StoreFault, Trim,
};
use async_trait::async_trait;
use chancery_revocation::{Batch, Entry, Position, Sequence, Stored};
use chancery_token::{ClientId, FamilyId, TenantId, UnixTime};
use std::sync::Arc;

/// Records in one command, when all are read.
const RECORDS_AT_ONCE: usize = 256;

#[async_trait]
impl Store for RedisStore {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreFault> {
        let stored = self.text_of(id).await?;
        stored.map(|text| read_client(id.as_str(), &text)).transpose()
    }

    async fn clients(&self, after: Option<&str>, limit: usize) -> Result<Vec<ListedClient>, StoreFault> {
        let mut shards = redis::pipe();
        for number in 0..keys::SHARDS {
            shards.cmd("SMEMBERS").arg(keys::shard(number));
        }
        let found: Vec<Vec<String>> = value(self.link.read(&shards).await?)?;
        let behind = |id: &String| after.is_none_or(|after| id.as_str() > after);
        let mut ids: Vec<String> = found.into_iter().flatten().filter(behind).collect();
        if limit < ids.len() {
            // Only those that are asked for need to be in order.
            ids.select_nth_unstable(limit);
            ids.truncate(limit);
        }
        ids.sort_unstable();
        let mut records: Vec<Option<Vec<u8>>> = Vec::with_capacity(ids.len());
        for some in ids.chunks(RECORDS_AT_ONCE) {
            let mut read = redis::pipe();
            read.cmd("MGET").arg(some.iter().map(|id| keys::client(id)).collect::<Vec<_>>());
            let found: Vec<Vec<Option<Vec<u8>>>> = value(self.link.read(&read).await?)?;
            records.extend(found.into_iter().flatten());
        }
        // Asked last: if it is our store now, it was when these were read.
        self.ask(self.call(&scripts::GUARD, &[keys::STORE])).await?;
        let listed = ids.into_iter().zip(records).map(|(id, text)| match text {
            Some(text) => read_listed(id, &text),
            None => absent(id),
        });
        Ok(listed.collect())
    }

    async fn insert_client(&self, client: &Client) -> Result<(), InsertError> {
        let text = write_client(client)?;
        let (key, shard) = (keys::client(client.id.as_str()), keys::shard_of(&client.id));
        let call = self
            .call(&scripts::INSERT, &[keys::STORE, &key, keys::CHANGES, &shard])
            .argument(client.id.as_str())
            .argument(keys::MOST_CHANGED.to_string())
            .argument(text.as_str())
            .argument(keys::MOST_IN_SHARD.to_string());
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(()),
            // The first attempt wrote it, and its answer was lost: nobody else has the same secret.
            "exists" if attempt == Attempt::Second && reply.part::<String>(0)? == text => Ok(()),
            "exists" => Err(InsertError::Exists { id: client.id.clone() }),
            "full" => Err(StoreFault::Full.into()),
            _ => Err(reply.unexpected().into()),
        }
    }

    async fn replace_client(
        &self,
        expected: &Client,
        next: &Client,
        witnesses: &[&Client],
    ) -> Result<(), ReplaceError> {
        // What is compared here is the client, not its spelling: a later version may have written more into the
        // record. What the script compares is the spelling that was just found to be the right client.
        let mut rests_on = Vec::with_capacity(witnesses.len());
        for witness in witnesses {
            match self.stored(witness).await? {
                Found::AsGiven(text) => rests_on.push((keys::client(witness.id.as_str()), text)),
                Found::Missing | Found::Otherwise => {
                    return Err(ReplaceError::WitnessChanged { id: witness.id.clone() });
                }
            }
        }
        let was = match self.stored(expected).await? {
            Found::AsGiven(text) => text,
            Found::Missing => return Err(ReplaceError::Missing { id: next.id.clone() }),
            Found::Otherwise => return Err(ReplaceError::Changed { id: next.id.clone() }),
        };
        let (key, text) = (keys::client(next.id.as_str()), write_client(next)?);
        let mut named = vec![keys::STORE, &key, keys::CHANGES];
        named.extend(rests_on.iter().map(|(key, _)| key.as_str()));
        let mut call = self
            .call(&scripts::REPLACE, &named)
            .argument(next.id.as_str())
            .argument(keys::MOST_CHANGED.to_string())
            .argument(text.as_str())
            .argument(was);
        for (_, text) in &rests_on {
            call = call.argument(text.as_str());
        }
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(()),
            "changed" => match reply.part::<Option<String>>(0)? {
                None => Err(ReplaceError::Missing { id: next.id.clone() }),
                // The first attempt wrote it, and its answer was lost.
                Some(stored) if attempt == Attempt::Second && stored == text => Ok(()),
                Some(_) => Err(ReplaceError::Changed { id: next.id.clone() }),
            },
            "witness" => match witnesses.get(reply.part::<usize>(0)?) {
                Some(witness) => Err(ReplaceError::WitnessChanged { id: witness.id.clone() }),
                None => Err(reply.unexpected().into()),
            },
            _ => Err(reply.unexpected().into()),
        }
    }

    async fn keyring(&self) -> Result<Option<SealedKeyring>, StoreFault> {
        let (reply, _) = self.ask(self.call(&scripts::KEYRING, &[keys::STORE, keys::KEYRING])).await?;
        match (reply.part::<Option<u64>>(0)?, reply.part::<Option<Vec<u8>>>(1)?) {
            (Some(version), Some(blob)) => Ok(Some(SealedKeyring { version, blob })),
            (None, None) => Ok(None),
            _ => Err(StoreFault::Corrupt { detail: "half of the keyring is missing".into() }),
        }
    }

    async fn replace_keyring(&self, expected: Option<u64>, blob: &[u8]) -> Result<u64, ReplaceKeyringError> {
        record::check_size(blob.len(), "the keyring")?;
        let call = self
            .call(&scripts::REPLACE_KEYRING, &[keys::STORE, keys::KEYRING])
            .argument(expected.map(|version| version.to_string()).unwrap_or_default())
            .argument(blob);
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => Ok(reply.part(0)?),
            "conflict" => {
                let next = expected.unwrap_or(0).saturating_add(1);
                let stored = (reply.part::<Option<u64>>(0)?, reply.part::<Option<Vec<u8>>>(1)?);
                // The first attempt wrote it, and its answer was lost: nobody else can seal the same bytes.
                let is_ours = stored == (Some(next), Some(blob.to_vec()));
                if attempt == Attempt::Second && is_ours {
                    Ok(next)
                } else {
                    Err(ReplaceKeyringError::Conflict)
                }
            }
            _ => Err(reply.unexpected().into()),
        }
    }

    async fn identity(&self) -> Result<Option<Identity>, StoreFault> {
        let (reply, _) = self.ask(self.call(&scripts::IDENTITY, &[keys::STORE])).await?;
        let stored: Option<String> = reply.part(0)?;
        stored.map(|text| self.read_identity(&text)).transpose()
    }

    async fn initialise(&self, identity: &Identity) -> Result<(), InitialiseError> {
        let call = self
            .call(&scripts::INITIALISE, &[keys::STORE])
            .argument(record::write(identity, "the issuer")?)
            .argument(identity.log.to_string());
        let (reply, attempt) = self.ask(call).await?;
        match reply.word() {
            "ok" => {
                self.owner.get_or_init(|| identity.log.to_string());
                Ok(())
            }
            "taken" => {
                let stored = self.read_identity(&reply.part::<String>(0)?)?;
                // The first attempt wrote it, and its answer was lost: the name of a log is drawn at random.
                let is_ours = attempt == Attempt::Second && stored == *identity;
                if is_ours { Ok(()) } else { Err(InitialiseError::Taken(Box::new(stored))) }
            }
            _ => Err(reply.unexpected().into()),
        }
    }

    async fn changes(&self, since: ChangeCounter) -> Result<Changes, StoreFault> {
        let call = self
            .call(&scripts::CHANGES, &[keys::STORE, keys::KEYRING, keys::CHANGES])
            .argument(since.0.to_string());
        let (reply, _) = self.ask(call).await?;
        let (counter, keyring) = (ChangeCounter(reply.part(0)?), reply.part::<u8>(1)? == 1);
        let clients = match reply.word() {
            "all" => ChangedClients::All,
            "ok" => {
                let ids: Vec<String> = reply.part(2)?;
                let fault = |_| StoreFault::Corrupt { detail: "a client's id breaks its own rules".into() };
                ChangedClients::These(
                    ids.iter().map(|id| id.parse().map_err(fault)).collect::<Result<_, _>>()?,
                )
            }
            _ => return Err(reply.unexpected()),
        };
        Ok(Changes { counter, clients, keyring })
    }

    async fn log(&self) -> Result<Option<Stored>, StoreFault> {
        self.read_log().await
    }

    async fn log_tail(&self) -> Result<Option<Position>, StoreFault> {
        Ok(self.log_place(&[]).await?.map(|(place, _)| place))
    }

    async fn log_rows(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreFault> {
        self.rows_after(after, limit).await
    }

    async fn begin_log(&self, expected: Option<&Position>, log: &Stored) -> Result<(), AppendLogError> {
        self.replace_log(expected, log).await
    }

    async fn append_log(&self, batch: &Batch) -> Result<(), AppendLogError> {
        self.extend_log(batch).await
    }

    async fn settle_log(&self, at: &Position) -> Result<(), AppendLogError> {
        self.witness_log(at).await
    }

    async fn trim_log(&self, of: &Position, trim: &Trim) -> Result<(), StoreFault> {
        self.let_go(of, trim).await
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreFault> {
        self.find_family(id).await
    }

    async fn begin_family(
        &self,
        family: &Family,
        most: u32,
        unused_since: UnixTime,
    ) -> Result<(), BeginFamilyError> {
        self.begin(family, most, unused_since).await
    }

    async fn live_families(
        &self,
        client: &ClientId,
        tenant: &TenantId,
        now: UnixTime,
    ) -> Result<Vec<Family>, StoreFault> {
        self.live(client, tenant, now).await
    }

    async fn advance(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Advanced, StoreFault> {
        self.advance_family(id, presented, now).await
    }

    async fn advance_like(
        &self,
        id: FamilyId,
        presented: &Presented<'_>,
        like: &Arc<Likeness>,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<AdvancedLike, StoreFault> {
        self.advance_as(id, presented, Some(Like { like, until }), now).await
    }

    async fn end_family(&self, id: FamilyId, why: WhyEnded, now: UnixTime) -> Result<bool, StoreFault> {
        self.end(id, why, now).await
    }

    async fn ended_families(&self, limit: usize) -> Result<Vec<EndedFamily>, StoreFault> {
        self.ended(limit).await
    }

    async fn settle_families(&self, settled: &[EndedFamily]) -> Result<(), StoreFault> {
        self.settle_ended(settled).await
    }

    async fn first_use(&self, digest: &[u8; 32], until: UnixTime, now: UnixTime) -> Result<bool, StoreFault> {
        self.is_first_use(digest, until, now).await
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        self.ask(self.call(&scripts::PING, &[keys::STORE])).await.map(|_| ())
    }
}

/// What is stored in the place of a client.
enum Found {
    /// That client, spelled like this.
    AsGiven(String),
    /// Another state of it.
    Otherwise,
    /// Nothing.
    Missing,
}

impl RedisStore {
    /// A call that begins with what every script wants to know: whose store is expected, in which layout.
    pub(super) fn call(&self, verb: &'static Verb, keys: &[&str]) -> Call {
        let owner = self.owner.get().map(String::as_str).unwrap_or_default();
        Call::new(verb, keys).argument(owner).argument(keys::LAYOUT.to_string())
    }

    pub(super) async fn ask(&self, call: Call) -> Result<(Reply, Attempt), StoreFault> {
        let answer = self.link.call(&call).await?;
        Ok((Reply::read(answer.value)?, answer.attempt))
    }

    async fn text_of(&self, id: &ClientId) -> Result<Option<String>, StoreFault> {
        let key = keys::client(id.as_str());
        let (reply, _) = self.ask(self.call(&scripts::CLIENT, &[keys::STORE, &key])).await?;
        reply.part(0)
    }

    async fn stored(&self, client: &Client) -> Result<Found, StoreFault> {
        let Some(text) = self.text_of(&client.id).await? else { return Ok(Found::Missing) };
        let is_as_given = read_client(client.id.as_str(), &text)? == *client;
        Ok(if is_as_given { Found::AsGiven(text) } else { Found::Otherwise })
    }

    fn read_identity(&self, text: &str) -> Result<Identity, StoreFault> {
        let identity: Identity = record::read(text, "the issuer")?;
        self.owner.get_or_init(|| identity.log.to_string());
        Ok(identity)
    }
}

use crate::endpoint::{Endpoint, SECRET, client_of};
use chancery_client::{AuthorizationServer, RequestError, Secret, TokenRequest};
use chancery_token::scope;

#[tokio::test]
async fn r08_the_secret_travels_in_the_authorization_header_alone() {
    let endpoint = Endpoint::start().await;
    let request = TokenRequest::new()
        .scope(scope!("a:b"))
        .resource("https://api.example")
        .tenant("acme".parse().unwrap());
    let token = endpoint.client().0.token(&request).await.unwrap();
    assert_eq!((token.expose(), token.scope()), ("token-1", Some("a:b")));
    assert_eq!(&**token.authorization(), "Bearer token-1");
    let asked = endpoint.asked().remove(0);
    let expected = "grant_type=client_credentials&scope=a%3Ab&resource=https%3A%2F%2Fapi.example&tenant=acme";
    assert_eq!(asked.body, expected);
    // base64 of "sync:chs_test_a-secret-of-this-test"
    assert_eq!(asked.authorization, "Basic c3luYzpjaHNfdGVzdF9hLXNlY3JldC1vZi10aGlzLXRlc3Q=");
    assert!(!asked.body.contains(SECRET));
}

#[tokio::test]
async fn an_issuer_leads_to_its_token_endpoint() {
    let endpoint = Endpoint::start().await;
    let (client, _) = client_of(AuthorizationServer::issuer(&endpoint.url).unwrap());
    assert_eq!(client.token(&TokenRequest::new()).await.unwrap().expose(), "token-1");
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    let endpoint = Endpoint::start().await;
    let asked = endpoint.url.replace("127.0.0.1", "localhost");
    let (client, _) = client_of(AuthorizationServer::issuer(&asked).unwrap());
    let error = client.token(&TokenRequest::new()).await.unwrap_err();
    assert!(matches!(&error, RequestError::OtherIssuer { found, .. } if *found == endpoint.url), "{error}");
    assert!(endpoint.asked().is_empty(), "no secret went there");
}

#[test]
fn a_secret_file_holds_one_line() {
    let folder = std::env::temp_dir().join(format!("chancery-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("secret");
    let read = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        Secret::read_file(&file).map(|secret| secret.expose().to_owned()).map_err(|why| why.to_string())
    };
    for content in ["chs_x", "chs_x\n", "chs_x\r\n"] {
        assert_eq!(read(content.as_bytes()).unwrap(), "chs_x");
    }
    let long = "a".repeat(5000);
    for content in [b"".as_slice(), b"\n", b"a b\n", b"a\nb\n", b"\xff\n", long.as_bytes()] {
        let told = read(content).unwrap_err();
        assert!(told.contains("one line"), "{told}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(Secret::read_file(&file).unwrap_err().to_string().contains("cannot be read"));
}

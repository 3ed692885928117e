package client;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.JWTProcessor;
import java.net.URI;
import java.security.Key;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import shared.Issuer;
import shared.Token;

/** Nimbus reads the published key set, verifies live tokens, refuses forged ones, and signs its own. */
public final class Nimbus {
    public static void main(String[] words) throws Exception {
        Issuer issuer = new Issuer("Nimbus", "com.nimbusds/nimbus-jose-jwt");
        String keys = issuer.metadata.get("jwks_uri").toString();
        JWKSource<SecurityContext> source = JWKSourceBuilder.create(URI.create(keys).toURL()).build();
        JWTProcessor<SecurityContext> processor = processor(issuer, new EdwardsKeys(source), new EdwardsVerifiers());
        issuer.judge(
                token -> {
                    SignedJWT parsed = SignedJWT.parse(token);
                    processor.process(parsed, null);
                    return new Token(parsed.getHeader().getType().getType(), parsed.getPayload().toJSONObject());
                },
                List.of(ParseException.class, BadJOSEException.class, JOSEException.class));

        boolean stock = true;
        try {
            processor(issuer, new JWSVerificationKeySelector<>(JWSAlgorithm.EdDSA, source), new DefaultJWSVerifierFactory())
                    .process(issuer.liveToken(), null);
        } catch (BadJOSEException refusal) {
            stock = false;
        }
        issuer.say("its own processor knows no Ed25519", !stock, "key selector and verifiers are the user's");

        OctetKeyPair key = new OctetKeyPairGenerator(Curve.Ed25519).keyIDFromThumbprint(true).generate();
        OctetKeyPair another = new OctetKeyPairGenerator(Curve.Ed25519).keyID(key.getKeyID()).generate();
        issuer.leave(
                key.toPublicJWK().toJSONObject(),
                (kind, claims) -> sign(key, kind, claims),
                (kind, claims) -> sign(another, kind, claims));
    }

    private static JWTProcessor<SecurityContext> processor(
            Issuer issuer, JWSKeySelector<SecurityContext> selector, JWSVerifierFactory verifiers) {
        JWTClaimsSet exact = new JWTClaimsSet.Builder()
                .issuer(issuer.url)
                .claim("env", issuer.environment)
                .claim("tenant", issuer.tenant)
                .build();
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(issuer.audience, exact, new HashSet<>(Token.REQUIRED));
        claims.setMaxClockSkew(0);
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType(Token.KIND)));
        processor.setJWSKeySelector(selector);
        processor.setJWSVerifierFactory(verifiers);
        processor.setJWTClaimsSetVerifier(claims);
        return processor;
    }

    private static String sign(OctetKeyPair key, String kind, Map<String, Object> claims) throws Exception {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.EdDSA)
                .type(new JOSEObjectType(kind))
                .keyID(key.getKeyID())
                .build();
        SignedJWT token = new SignedJWT(header, JWTClaimsSet.parse(claims));
        token.sign(new Ed25519Signer(key));
        return token.serialize();
    }

    /** The processor hands `java.security` keys about, which these are not: so they travel in a box. */
    private record Boxed(OctetKeyPair key) implements PublicKey {
        @Override
        public String getAlgorithm() {
            return "EdDSA";
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    private static final class EdwardsKeys extends JWSVerificationKeySelector<SecurityContext> {
        EdwardsKeys(JWKSource<SecurityContext> source) {
            super(JWSAlgorithm.EdDSA, source);
        }

        @Override
        public List<Key> selectJWSKeys(JWSHeader header, SecurityContext context) throws KeySourceException {
            JWKMatcher matcher = createJWKMatcher(header);
            if (matcher == null) {
                return List.of();
            }
            return getJWKSource().get(new JWKSelector(matcher), context).stream()
                    .<Key>map(key -> new Boxed(key.toOctetKeyPair().toPublicJWK()))
                    .toList();
        }
    }

    private static final class EdwardsVerifiers extends DefaultJWSVerifierFactory {
        @Override
        public JWSVerifier createJWSVerifier(JWSHeader header, Key key) throws JOSEException {
            return key instanceof Boxed boxed ? new Ed25519Verifier(boxed.key()) : super.createJWSVerifier(header, key);
        }
    }
}

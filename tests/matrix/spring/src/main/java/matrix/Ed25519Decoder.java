package matrix;

import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.SignedJWT;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.*;

/** What Spring Security lacks: the signature, by the JDK (15 or newer). Keys and claims are still the library's work. */
record Ed25519Decoder(JWKSource<SecurityContext> keys, OAuth2TokenValidator<Jwt> validator) implements JwtDecoder {
    /** RFC 8410: what stands before the 32 bytes of an Ed25519 key. */
    static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    static final Set<String> NAMES = Set.of("EdDSA", "Ed25519");

    @Override
    public Jwt decode(String token) {
        Jwt jwt = verified(token);
        var result = validator.validate(jwt);
        if (result.hasErrors()) throw new JwtValidationException("refused", result.getErrors());
        return jwt;
    }

    Jwt verified(String token) {
        try {
            var parsed = SignedJWT.parse(token);
            var header = parsed.getHeader();
            if (!NAMES.contains(header.getAlgorithm().getName()) || header.getCriticalParams() != null) {
                throw new BadJwtException("not signed with Ed25519");
            }
            var signature = Signature.getInstance("Ed25519");
            signature.initVerify(key(header.getKeyID()));
            signature.update(parsed.getSigningInput());
            if (!signature.verify(parsed.getSignature().decode())) throw new BadJwtException("bad signature");
            var claims = MappedJwtClaimSetConverter.withDefaults(Map.of()).convert(parsed.getJWTClaimsSet().toJSONObject());
            return Jwt.withTokenValue(token).headers(h -> h.putAll(header.toJSONObject())).claims(c -> c.putAll(claims)).build();
        } catch (JwtException fault) {
            throw fault;
        } catch (Exception fault) {
            throw new BadJwtException("not a token of ours", fault);
        }
    }

    PublicKey key(String id) throws Exception {
        var selector = new JWKSelector(new JWKMatcher.Builder().keyID(id).build());
        var found = keys.get(selector, null);
        if (found.isEmpty() || !(found.get(0) instanceof OctetKeyPair pair)) throw new BadJwtException("unknown key");
        byte[] encoded = java.util.Arrays.copyOf(PREFIX, 44);
        System.arraycopy(pair.getDecodedX(), 0, encoded, PREFIX.length, 32);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }
}

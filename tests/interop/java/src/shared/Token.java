package shared;

import java.util.List;
import java.util.Map;

/** A token that a library accepted: its kind and what it says. */
public record Token(String kind, Map<String, Object> claims) {
    /** The claims that every access token of the issuer has (RFC 9068). */
    public static final List<String> REQUIRED = List.of("iss", "aud", "sub", "client_id", "iat", "exp", "jti");

    public static final String KIND = "at+jwt";

    /** Makes all checks that a careful user makes; a good library has made half of them before. */
    void check(Issuer issuer) throws Refused {
        double now = System.currentTimeMillis() / 1000.0;
        held("typ", KIND.equals(kind));
        held("required claims", REQUIRED.stream().allMatch(name -> claims.get(name) != null));
        held("types", List.of("sub", "client_id", "jti").stream().allMatch(name -> claims.get(name) instanceof String));
        held("iss", issuer.url.equals(claims.get("iss")));
        held("aud", List.of(issuer.audience, List.of(issuer.audience)).contains(claims.get("aud")));
        held("exp", claims.get("exp") instanceof Number end && now < end.doubleValue());
        held("nbf", claims.get("nbf") == null || claims.get("nbf") instanceof Number start && now >= start.doubleValue());
        held("cnf", !claims.containsKey("cnf"));
        held("env", issuer.environment.equals(claims.get("env")));
        held("tenant", issuer.tenant.equals(claims.get("tenant")));
        held("scope", claims.get("scope") instanceof String scope && List.of(scope.split(" ")).contains(issuer.scope));
    }

    private static void held(String check, boolean held) throws Refused {
        if (!held) {
            throw new Refused(check);
        }
    }
}

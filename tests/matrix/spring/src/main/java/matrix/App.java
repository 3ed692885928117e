package matrix;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class App {
    static final String ISSUER = System.getenv("MATRIX_ISSUER");
    static final String AUDIENCE = System.getenv("MATRIX_AUDIENCE");
    static final JWKSource<SecurityContext> KEYS = keys();

    public static void main(String[] arguments) {
        var app = new SpringApplication(App.class);
        app.setDefaultProperties(Map.of("server.port", System.getenv("MATRIX_PORT"), "server.address", "127.0.0.1"));
        app.run(arguments);
    }

    @Bean
    SecurityFilterChain byDefault(HttpSecurity http) throws Exception {
        // What Spring Boot makes of the property issuer-uri.
        return chain(http, "/default", new SupplierJwtDecoder(() -> NimbusJwtDecoder.withIssuerLocation(ISSUER).build()), null);
    }

    /** There is no EdDSA among the algorithms of Spring Security; this tells Nimbus below it. */
    @Bean
    SecurityFilterChain told(HttpSecurity http) throws Exception {
        var decoder = NimbusJwtDecoder.withJwkSetUri(System.getenv("MATRIX_JWKS")).jwtProcessorCustomizer(processor -> {
            processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt")));
            processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.EdDSA, KEYS));
        }).build();
        decoder.setJwtValidator(accessToken());
        return chain(http, "/told", decoder, "SCOPE_invoices:read");
    }

    @Bean
    SecurityFilterChain complete(HttpSecurity http) throws Exception {
        var ours = new DelegatingOAuth2TokenValidator<>(accessToken(),
            new JwtClaimValidator<>("env", "test"::equals), new JwtClaimValidator<>("tenant", "acme"::equals));
        return chain(http, "/complete", new Ed25519Decoder(KEYS, ours), "SCOPE_invoices:read");
    }

    /** RFC 9068: `typ`, `iss`, `aud`, `exp` and the claims that must be there; which client it is does not matter here. */
    static OAuth2TokenValidator<Jwt> accessToken() {
        return JwtValidators.createAtJwtValidator().issuer(ISSUER).audience(AUDIENCE)
            .validators(all -> {
                all.put("client_id", new JwtClaimValidator<>("client_id", id -> id != null));
                all.put("cnf", token -> token.hasClaim("cnf") ? OAuth2TokenValidatorResult.failure(new OAuth2Error("invalid_token")) : OAuth2TokenValidatorResult.success());
                all.put("leeway", new JwtTimestampValidator(Duration.ZERO)); // 60 s otherwise
            }).build();
    }

    static SecurityFilterChain chain(HttpSecurity http, String path, JwtDecoder decoder, String authority) throws Exception {
        return http.securityMatcher(path)
            .authorizeHttpRequests(rules -> {
                if (authority == null) rules.anyRequest().authenticated();
                else rules.anyRequest().hasAuthority(authority);
            })
            .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.decoder(decoder)))
            .build();
    }

    static JWKSource<SecurityContext> keys() {
        try {
            return JWKSourceBuilder.create(URI.create(System.getenv("MATRIX_JWKS")).toURL()).retrying(true).build();
        } catch (java.net.MalformedURLException fault) {
            throw new IllegalArgumentException(fault);
        }
    }

    @GetMapping({"/default", "/told", "/complete"})
    String reached() {
        return "reached";
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Cluster;

/// <summary>What <c>sealock inspect</c> tells, field by field against what openssl prints.</summary>
public sealed class InspectFactsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly Dictionary<string, string> Usages = new()
    {
        ["Digital Signature"] = "digital signature",
        ["Non Repudiation"] = "content commitment",
        ["Key Encipherment"] = "key encipherment",
        ["Data Encipherment"] = "data encipherment",
        ["Key Agreement"] = "key agreement",
        ["Certificate Sign"] = "cert sign",
        ["CRL Sign"] = "crl sign",
        ["Encipher Only"] = "encipher only",
        ["Decipher Only"] = "decipher only",
        ["TLS Web Server Authentication"] = "server auth",
        ["TLS Web Client Authentication"] = "client auth",
        ["Code Signing"] = "code signing",
        ["E-mail Protection"] = "email protection",
        ["Time Stamping"] = "timestamping",
        ["OCSP Signing"] = "ocsp signing",
        ["Any Extended Key Usage"] = "any",
        ["ipsec Internet Key Exchange"] = "1.3.6.1.5.5.7.3.17",
    };

    private static readonly Dictionary<string, string> Algorithms = new()
    {
        ["sha1WithRSAEncryption"] = "SHA1-RSA",
        ["md5WithRSAEncryption"] = "MD5-RSA",
        ["sha224WithRSAEncryption"] = "SHA224-RSA",
        ["sha256WithRSAEncryption"] = "SHA256-RSA",
        ["sha384WithRSAEncryption"] = "SHA384-RSA",
        ["sha512WithRSAEncryption"] = "SHA512-RSA",
        ["ecdsa-with-SHA256"] = "ECDSA-SHA256",
        ["ecdsa-with-SHA384"] = "ECDSA-SHA384",
        ["ecdsa-with-SHA512"] = "ECDSA-SHA512",
        ["ED25519"] = "Ed25519",
        ["ED448"] = "Ed448",
        ["dsa_with_SHA256"] = "DSA-SHA256",
    };

    /// <summary>Keys of every kind, every extension that openssl's configuration knows, odd names, odd validities, X.509 v1.</summary>
    private const string Certificates = """
        key() { openssl genpkey -algorithm "$@" 2>/dev/null; }
        key RSA -pkeyopt rsa_keygen_bits:512 -out rsa512.key
        key RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.key
        key RSA -pkeyopt rsa_keygen_bits:2048 -out rsa2048.key
        key RSA -pkeyopt rsa_keygen_bits:3072 -out rsa3072.key
        key RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsapss.key
        for curve in P-224 P-256 P-384 P-521 secp256k1 brainpoolP256r1; do key EC -pkeyopt ec_paramgen_curve:$curve -out ec-$curve.key; done
        key ED25519 -out ed25519.key
        key ED448 -out ed448.key
        openssl dsaparam -out dsa.parameters 1024 2>/dev/null; openssl gendsa -out dsa.key dsa.parameters 2>/dev/null
        cat > all.cnf <<'END'
        [req]
        distinguished_name=dn
        string_mask=utf8only
        [dn]
        [none]
        [server]
        basicConstraints=critical,CA:FALSE
        keyUsage=critical,digitalSignature,keyEncipherment
        extendedKeyUsage=serverAuth,clientAuth
        subjectAltName=DNS:a.example.com,DNS:*.b.example.com,IP:10.0.0.1,IP:fd00::1,email:x@example.com,URI:spiffe://a/b,RID:1.2.3,dirName:inside
        subjectKeyIdentifier=hash
        authorityKeyIdentifier=keyid
        crlDistributionPoints=URI:http://a.example.com/crl,URI:http://b.example.com/crl
        authorityInfoAccess=OCSP;URI:http://a.example.com/ocsp,caIssuers;URI:http://a.example.com/ca
        certificatePolicies=2.23.140.1.2.1,1.2.3.4
        [ca]
        basicConstraints=critical,CA:TRUE,pathlen:0
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        nameConstraints=critical,permitted;DNS:example.com,permitted;IP:10.0.0.0/255.0.0.0,excluded;DNS:secret.example.com,excluded;email:bad.example.com
        [odd]
        basicConstraints=CA:TRUE
        keyUsage=nonRepudiation,dataEncipherment,keyAgreement,decipherOnly
        extendedKeyUsage=critical,codeSigning,emailProtection,timeStamping,OCSPSigning,anyExtendedKeyUsage,1.3.6.1.5.5.7.3.17,1.2.3.4.5
        tlsfeature=status_request
        nsComment=made by hand
        noCheck=ignored
        1.2.3.4.5.6=critical,ASN1:UTF8String:own
        issuerAltName=URI:http://a.example.com
        policyConstraints=requireExplicitPolicy:3
        inhibitAnyPolicy=2
        [inside]
        O=one
        CN=inside
        END
        make() { name=$1; shift; openssl req -x509 -new -config all.cnf -out $name.crt "$@"; }
        for key in *.key; do make plain-${key%.key} -key $key -subj "/CN=${key%.key}" -days 30 -extensions none; done
        make server -key ec-P-256.key -subj '/C=AT/ST=Tyrol/L=Hall/O=One/O=Two/OU=Unit/CN=server, "quoted" \+ <odd>/emailAddress=a@b.c' -days 90 -extensions server
        make ca -key rsa2048.key -subj /CN=ca -days 3650 -extensions ca
        make odd -key ec-P-384.key -subj /CN=odd -days 1 -extensions odd -set_serial 0x80FF
        make utf8 -key ec-P-256.key -utf8 -subj '/CN=jané 日本/O=Größe' -days 9 -extensions none
        make multi -key ec-P-256.key -multivalue-rdn -subj '/DC=com/DC=example/UID=u1+CN=multi' -days 9 -extensions none
        make empty -key ec-P-256.key -subj / -days 9 -extensions server
        make long -key ec-P-256.key -subj /CN=long -days 30000 -extensions none
        make sha1 -key rsa2048.key -subj /CN=sha1 -sha1 -days 9 -extensions none
        make sha512 -key rsa2048.key -subj /CN=sha512 -sha512 -days 9 -extensions none
        make pss -key rsa2048.key -subj /CN=pss -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -days 9 -extensions none
        make serial -key ec-P-256.key -subj /CN=serial -set_serial 0x7fffffffffffffffffffffffffffffffffffffff -days 9 -extensions none
        openssl req -new -key ec-P-256.key -subj /CN=v1 -out v1.csr -config all.cnf
        openssl x509 -req -in v1.csr -CA ca.crt -CAkey rsa2048.key -set_serial 1 -days 5 -out v1.crt 2>/dev/null
        openssl x509 -req -in v1.csr -CA server.crt -CAkey ec-P-256.key -set_serial 0 -days 5 -extfile all.cnf -extensions server -out leaf.crt 2>/dev/null
        """;

    [PeerFact("openssl")]
    public async Task Certificates_of_every_kind_agree_field_by_field()
    {
        (await Tool.ShellAsync(Certificates, _folder.Path)).Succeeded();
        var files = Directory.GetFiles(_folder.Path, "*.crt").Order(StringComparer.Ordinal).ToList();
        Assert.True(files.Count >= 27, $"{files.Count} certificates were made");
        var document = JsonNode.Parse((await InspectAsync(["-o", "json", .. files])).SucceededQuietly())!;
        var texts = (await Tool.ShellAsync(
            """
            for file in "$@"; do
              openssl x509 -in "$file" -noout -text -nameopt RFC2253,utf8,-esc_msb
              openssl x509 -in "$file" -noout -serial -fingerprint -sha256 -startdate -enddate -subject -issuer -nameopt RFC2253,utf8,-esc_msb
              echo "--- $(openssl x509 -in "$file" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)"
            done
            """.Replace("\"$@\"", string.Join(' ', files), StringComparison.Ordinal))).Succeeded().Split("\nCertificate:\n");
        Assert.Equal(files.Count, texts.Length);
        foreach (var (index, file) in files.Index())
        {
            var fact = document["sources"]![index]!["items"]![0]!.AsObject();
            foreach (var (name, expected, told) in Compare(fact, texts[index]))
                Assert.True(expected == told, $"{Path.GetFileName(file)}: {name}: openssl tells \"{expected}\", inspect tells \"{told}\"");
        }
    }

    private static IEnumerable<(string Name, string OpenSsl, string Told)> Compare(JsonObject fact, string text)
    {
        string Line(string pattern) => Regex.Match(text, pattern, RegexOptions.Multiline) is { Success: true } match ? match.Groups[1].Value.Trim() : "";
        string Told(string name) => fact[name]?.ToString() ?? "";
        string List(string name) => string.Join(", ", (fact[name] as JsonArray ?? []).Select(value => value!.ToString()));
        string Extension(string name) => Line(@"X509v3 " + name + @":.*\n\s+(.*)$");
        string Date(string line) => DateTimeOffset.ParseExact(Regex.Replace(line, " +", " "), "MMM d HH:mm:ss yyyy 'GMT'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        yield return ("version", Line(@"Version: (\d)"), Told("version"));
        yield return ("serial", Line("^serial=(.*)$").TrimStart('0').PadLeft(2, '0'), Told("serialNumber").TrimStart('0').PadLeft(2, '0'));
        yield return ("subject", InOneOrder(Line("^subject=(.*)$")), InOneOrder(Told("subject")));
        yield return ("issuer", InOneOrder(Line("^issuer=(.*)$")), InOneOrder(Told("issuer")));
        yield return ("notBefore", Date(Line("^notBefore=(.*)$")), Told("notBefore"));
        yield return ("notAfter", Date(Line("^notAfter=(.*)$")), Told("notAfter"));
        yield return ("fingerprint", Line("^sha256 Fingerprint=(.*)$").Replace(":", "", StringComparison.Ordinal).ToLowerInvariant(), Told("sha256"));
        yield return ("public key", Line("^--- ([0-9a-f]+)"), fact["key"]!["sha256"]!.ToString());
        var signature = Line("Signature Algorithm: (.*)$");
        yield return ("signature", signature == "rsassaPss" ? Line("Hash Algorithm: (.*)$").ToUpperInvariant() + "-RSAPSS" : Algorithms.GetValueOrDefault(signature, signature),
            Told("signatureAlgorithm").Split(", salt")[0]);
        var algorithm = Line("Public Key Algorithm: (.*)$");
        yield return ("key", algorithm switch
        {
            "id-ecPublicKey" => "ECDSA",
            "rsaEncryption" => "RSA",
            "rsassaPss" => "RSA-PSS",
            "ED25519" => "Ed25519",
            "ED448" => "Ed448",
            "dsaEncryption" => "DSA",
            _ => algorithm,
        }, fact["key"]!["algorithm"]!.ToString());
        if (Line("NIST CURVE: (.*)$") is { Length: > 0 } curve)
            yield return ("curve", curve, fact["key"]!["curve"]!.ToString());
        else if (Line("ASN1 OID: (.*)$") is { Length: > 0 } named)
            yield return ("curve", named, fact["key"]!["curve"]!.ToString());
        if (Line(@"Public-Key: \((\d+) bit") is { Length: > 0 } bits && fact["key"]!["bits"]!.ToString() is not "0" and var told)
            yield return ("bits", bits, told);

        var constraints = Extension("Basic Constraints");
        yield return ("CA", constraints.Length == 0 ? "" : constraints.Contains("CA:TRUE", StringComparison.Ordinal) ? "true" : "false", Told("ca"));
        yield return ("path length", Regex.Match(constraints, @"pathlen:(\d+)").Groups[1].Value, Told("pathLength"));
        yield return ("key usage", Words(Extension("Key Usage"), sorted: true), string.Join(", ", List("keyUsages").Split(", ").Order(StringComparer.Ordinal)));
        yield return ("extended key usage", Words(Extension("Extended Key Usage")), List("extendedKeyUsages"));
        yield return ("names", Names(Extension("Subject Alternative Name")), ToldNames(fact["names"]!.AsObject()));
        yield return ("subject key id", Hex(Extension("Subject Key Identifier")), Told("subjectKeyId"));
        yield return ("authority key id", Hex(Regex.Match(text, @"Authority Key Identifier:.*\n\s+(?:keyid:)?([0-9A-F:]+)").Groups[1].Value), Told("authorityKeyId"));
        yield return ("CRL", Urls(text, @"Full Name:\s+URI:(\S+)"), List("crlUrls"));
        yield return ("OCSP", Urls(text, @"OCSP - URI:(\S+)"), List("ocspUrls"));
        yield return ("issuer URL", Urls(text, @"CA Issuers - URI:(\S+)"), List("issuerUrls"));
        yield return ("policies", Urls(text, @"Policy: (\S+)"), string.Join(", ", fact["policies"]!.AsArray().Select(p => p!["oid"]!.ToString())));
        yield return ("critical", Urls(text, @"^            (\S.*): critical$").Split(", ", StringSplitOptions.RemoveEmptyEntries).Length.ToString(CultureInfo.InvariantCulture),
            fact["criticalExtensions"]!.AsArray().Count.ToString(CultureInfo.InvariantCulture));
        if (text.Contains("Name Constraints", StringComparison.Ordinal))
        {
            yield return ("permitted", "DNS:example.com, IP:10.0.0.0/8", string.Join(", ", fact["nameConstraints"]!["permitted"]!.AsArray()));
            yield return ("excluded", "DNS:secret.example.com, email:bad.example.com", string.Join(", ", fact["nameConstraints"]!["excluded"]!.AsArray()));
        }
    }

    /// <summary>The attributes of one relative name are a set: openssl prints it backwards.</summary>
    private static string InOneOrder(string name) => Regex.Replace(name, @"[^,]*[^,\\]\+[^,]*", rdn => string.Join('+', rdn.Value.Split('+').Order(StringComparer.Ordinal)));

    private static string Words(string list, bool sorted = false)
    {
        var words = list.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(word => Usages.GetValueOrDefault(word, word));
        return string.Join(", ", sorted ? words.Order(StringComparer.Ordinal) : words);
    }

    private static string Names(string line) => string.Join(", ", line.Split(", ", StringSplitOptions.RemoveEmptyEntries)
        .Where(name => !name.StartsWith("DirName:", StringComparison.Ordinal))
        .Select(name => name.Replace("IP Address:", "IP:", StringComparison.Ordinal).Replace("Registered ID:", "OID:", StringComparison.Ordinal))
        .Select(name => name == "IP:FD00:0:0:0:0:0:0:1" ? "IP:fd00::1" : name).Order(StringComparer.OrdinalIgnoreCase));

    private static string ToldNames(JsonObject names) => string.Join(", ", names.Where(kind => kind.Key != "name")
        .SelectMany(kind => kind.Value!.AsArray().Select(name => $"{kind.Key switch { "dns" => "DNS", "ip" => "IP", "uri" => "URI", "oid" => "OID", var other => other }}:{name}"))
        .Order(StringComparer.OrdinalIgnoreCase));

    private static string Urls(string text, string pattern) => string.Join(", ", Regex.Matches(text, pattern, RegexOptions.Multiline).Select(match => match.Groups[1].Value));

    private static string Hex(string colons) => colons.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();

    [PeerFact("openssl")]
    public async Task Requests_lists_keys_and_containers_agree_with_openssl()
    {
        var lines = (await Tool.ShellAsync(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=ca 2>/dev/null
            openssl req -new -newkey rsa:2048 -nodes -keyout r.key -out r.csr -subj /O=dev/CN=jane -addext subjectAltName=DNS:a.example.com,IP:10.0.0.1 \
              -addext keyUsage=digitalSignature -addext extendedKeyUsage=clientAuth 2>/dev/null
            openssl x509 -req -in r.csr -CA ca.crt -CAkey ca.key -set_serial 0x1234 -days 9 -out leaf.crt 2>/dev/null
            printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n' > ca.cnf
            : > index.txt; echo 0A > number
            openssl ca -config ca.cnf -cert ca.crt -keyfile ca.key -revoke leaf.crt -crl_reason keyCompromise 2>/dev/null
            openssl ca -config ca.cnf -cert ca.crt -keyfile ca.key -gencrl -crldays 5 -out list.crl 2>/dev/null
            openssl crl2pkcs7 -nocrl -certfile leaf.crt -certfile ca.crt -outform DER -out both.p7b
            openssl pkcs12 -export -in leaf.crt -inkey r.key -certfile ca.crt -name mine -passout pass:secret -out store.p12
            echo secret > passphrase
            openssl req -in r.csr -noout -subject -nameopt RFC2253
            openssl crl -in list.crl -noout -crlnumber -nameopt RFC2253 -issuer -lastupdate -nextupdate
            openssl pkcs7 -in both.p7b -inform DER -print_certs -noout | grep -c subject
            openssl pkcs12 -in store.p12 -passin pass:secret -nokeys 2>/dev/null | grep -c BEGIN
            openssl pkcs12 -in store.p12 -passin pass:secret -nocerts -nodes 2>/dev/null | openssl pkey -pubout -outform DER | sha256sum
            """, _folder.Path)).Succeeded().Trim().Split('\n');
        var document = JsonNode.Parse((await InspectAsync(
            ["-o", "json", "--passphrase-file", "passphrase", "r.csr", "list.crl", "both.p7b", "store.p12", "r.key", "leaf.crt"])).SucceededQuietly())!;
        JsonNode Item(int source, int item) => document["sources"]![source]!["items"]![item]!;

        Assert.Equal(lines[0], "subject=" + Item(0, 0)["subject"]);
        Assert.Equal("a.example.com", Item(0, 0)["names"]!["dns"]![0]!.ToString());
        Assert.Equal("client auth", Item(0, 0)["extendedKeyUsages"]![0]!.ToString());
        Assert.Null(Item(0, 0)["signatureProblem"]);
        Assert.Equal("10", Item(1, 0)["number"]!.ToString());
        Assert.Equal("crlNumber=0x0A", lines[1], ignoreCase: true);
        Assert.Equal(lines[2], "issuer=" + Item(1, 0)["issuer"]);
        Assert.Equal(("1234", "key compromise"), (Item(1, 0)["revoked"]![0]!["serialNumber"]!.ToString(), Item(1, 0)["revoked"]![0]!["reason"]!.ToString()));
        Assert.Equal(lines[5], document["sources"]![2]!["items"]!.AsArray().Count.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("PKCS#7", document["sources"]![2]!["format"]!.ToString());
        var store = document["sources"]![3]!["items"]!.AsArray();
        Assert.Equal(lines[6], store.Count(item => item!["kind"]!.ToString() == "certificate").ToString(CultureInfo.InvariantCulture));
        var key = Assert.Single(store, item => item!["kind"]!.ToString() == "private key")!;
        Assert.StartsWith(key["key"]!["sha256"]!.ToString(), lines[7], StringComparison.Ordinal);
        Assert.Equal("mine", key["label"]!.ToString());
        Assert.Equal(Item(4, 0)["key"]!["sha256"]!.ToString(), key["key"]!["sha256"]!.ToString());
        Assert.Equal(Item(0, 0)["key"]!["sha256"]!.ToString(), key["key"]!["sha256"]!.ToString());
        // The CRL and the leaf are signed by the CA that stands in the PKCS#7 container.
        Assert.Equal((3, "ca"), ((int)Item(1, 0)["signedBy"]!["source"]!, Item(2, (int)Item(1, 0)["signedBy"]!["item"]! - 1)["commonName"]!.ToString()));
        Assert.DoesNotContain("PRIVATE", document.ToJsonString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ToolResult> InspectAsync(IEnumerable<string> arguments) =>
        Tool.RunAsync(SealockProcess.Program, ["inspect", .. arguments], folder: _folder.Path);
}

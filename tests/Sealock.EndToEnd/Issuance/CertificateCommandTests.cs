// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Issuance;

/// <summary><c>sealock certificate</c> against a server, and what other programs say of the Secrets.</summary>
public sealed class CertificateCommandTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private const string Manifest = """
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: self, namespace: default}
        spec: {selfSigned: {}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: root, namespace: default}
        spec: {isCA: true, duration: 87600h, commonName: root, secretName: root, privateKey: {algorithm: ECDSA}, issuerRef: {name: self}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: root, namespace: default}
        spec: {ca: {secretName: root}}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: shop, namespace: default, annotations: {sealock.dev/probe: "name@127.0.0.1:PORT"}}
        spec:
          secretName: shop
          dnsNames: [shop.example.com]
          usages: [server auth]
          privateKey: {algorithm: ECDSA}
          issuerRef: {name: root}
          keystores:
            jks: {create: true, password: changeit}
            pkcs12: {create: true, password: changeit, profile: Modern2023}
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: waiting, namespace: default}
        spec: {secretName: waiting, dnsNames: [w.example.com], issuerRef: {name: nobody}}
        """;

    private Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(
        SealockProcess.Program, ["certificate", .. arguments, "--kubeconfig", cluster.Kubeconfig]);

    [PeerFact("kubectl", "openssl")]
    public async Task It_tells_what_is_there_renews_and_other_programs_read_the_keystores()
    {
        var applied = await cluster.KubectlAsync(
            Peers.Kubectl, Manifest.Replace("PORT", $"{cluster.Process.Port}", StringComparison.Ordinal), "apply", "-f", "-");
        Assert.Equal("", applied.Errors);
        (await cluster.KubectlAsync(Peers.Kubectl, null, "wait", "--for=condition=Ready", "certificate/shop", "--timeout=60s")).Succeeded();
        // The API server's own listener serves another certificate.
        (await cluster.KubectlAsync(Peers.Kubectl, null, "wait", "--for=condition=Served=false", "certificate/shop", "--timeout=60s")).Succeeded();

        var table = await SealockAsync("status");
        Assert.Equal(1, table.ExitCode);
        Assert.Matches("(?m)^NAME +READY +EXPIRES +NEXT +WHY$", table.Output);
        Assert.Matches("(?m)^shop +True +[0-9]+ days +renew in [0-9]+ days +DoesNotExist: the Secret shop does not exist$", table.Output);
        Assert.Matches(@"(?m)^waiting +False +- +wait +Pending: Referenced Issuer not found: nobody \(request waiting-1\)$", table.Output);

        var shop = (await SealockAsync("status", "shop")).Succeeded();
        Assert.Matches("issued +revision 1, valid ", shop);
        Assert.Matches("issuer +Issuer.cert-manager.io/root: ready, KeyPairVerified", shop);
        Assert.Matches("served +NotServed: renewed but not served: 127.0.0.1:[0-9]+ serves another certificate", shop);
        var waiting = await SealockAsync("status", "waiting");
        Assert.Equal(1, waiting.ExitCode);
        Assert.Contains("Referenced Issuer not found: nobody", waiting.Output, StringComparison.Ordinal);
        var document = JsonNode.Parse((await SealockAsync("status", "shop", "-o", "json")).Succeeded())!["certificates"]![0]!;
        Assert.Equal(("renew", 1), (document["next"]!["action"]!.GetValue<string>(), document["revision"]!.GetValue<int>()));

        Assert.Contains("default/shop: to be issued anew", (await SealockAsync("renew", "shop")).Succeeded(), StringComparison.Ordinal);
        (await cluster.KubectlAsync(Peers.Kubectl, null, "wait", "--for=jsonpath={.status.revision}=2", "certificate/shop", "--timeout=60s")).Succeeded();
        Assert.Contains("because  ManuallyTriggered: ", (await SealockAsync("status", "shop")).Succeeded(), StringComparison.Ordinal);
        (string[] Arguments, string Error)[] wrong =
        [
            (["renew"], "no Certificate is named: give its name (sealock certificate renew NAME), --all, or --selector LABELS"),
            (["renew", "shop", "--all"], "shop is named already: leave out --all and --selector, or the name"),
            (["status", "-A", "-n", "default"], "-A means all namespaces, and -n default means one: leave one of them out"),
            (["status", "shop", "-A"], "shop is a name within one namespace: give that with -n instead of -A"),
        ];
        foreach (var (arguments, error) in wrong)
        {
            var answer = await SealockAsync(arguments);
            Assert.Equal((2, $"sealock: {error}"), (answer.ExitCode, answer.Errors.Trim()));
        }

        var none = await SealockAsync("status", "-n", "kube-public");
        Assert.Equal((1, "", "sealock: there are no Certificates in the namespace kube-public; -A looks in all"), (none.ExitCode, none.Output, none.Errors.Trim()));
        Assert.Contains("there is no Certificate nobody", (await SealockAsync("status", "nobody")).Errors, StringComparison.Ordinal);

        var read = await cluster.ShellAsync("""
            get() { kubectl get secret shop -o "jsonpath={.data.$1}" | base64 -d > "$2"; }
            get 'tls\.crt' chain.pem; get 'tls\.key' key.pem; get 'ca\.crt' ca.pem
            get 'keystore\.jks' store.jks; get 'truststore\.jks' trust.jks; get 'keystore\.p12' store.p12; get 'truststore\.p12' trust.p12
            openssl verify -x509_strict -purpose sslserver -verify_hostname shop.example.com -CAfile ca.pem chain.pem
            command -v keytool > /dev/null || exit 0
            for store in store.jks trust.jks store.p12 trust.p12; do
              LC_ALL=C keytool -list -keystore $store -storepass changeit 2>&1 | grep -E 'PrivateKeyEntry|trustedCertEntry' | sed "s/^/$store /"
            done
            keytool -importkeystore -srckeystore store.jks -srcstorepass changeit -destkeystore back.p12 -deststoretype pkcs12 -deststorepass changeit 2>/dev/null
            openssl pkcs12 -in back.p12 -passin pass:changeit -nodes -nocerts | openssl pkey -pubout > back.pem
            openssl pkey -in key.pem -pubout | cmp - back.pem && echo same key
            """);
        var output = read.Succeeded();
        Assert.Contains("chain.pem: OK", output, StringComparison.Ordinal);
        // Not everybody who tests has Java.
        if (!Peers.Has("keytool"))
            return;
        Assert.Matches("store.jks certificate, .*PrivateKeyEntry", output);
        Assert.Matches("trust.jks ca, .*trustedCertEntry", output);
        Assert.Matches("store.p12 1, .*PrivateKeyEntry", output);
        Assert.Matches("trust.p12 .*trustedCertEntry", output);
        Assert.Contains("same key", output, StringComparison.Ordinal);
    }
}

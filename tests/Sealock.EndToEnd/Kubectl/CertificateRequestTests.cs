// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Kubectl;

/// <summary>A user's certificate by openssl and kubectl alone, with every kubectl that can be had.</summary>
public sealed class CertificateRequestTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    public static TheoryData<string> Versions()
    {
        var versions = new TheoryData<string>();
        foreach (var (version, _) in Peers.Kubectls)
            versions.Add(version.ToString());
        if (versions.Count == 0)
            versions.Add("none");
        return versions;
    }

    [PeerTheory("kubectl", "openssl")]
    [MemberData(nameof(Versions))]
    public async Task A_user_gets_a_certificate_with_openssl_and_kubectl(string version)
    {
        var user = "jane-" + version.Replace('.', '-');
        var result = await cluster.ShellAsync(
            $$"""
            openssl genrsa -out jane.key 2048 2>/dev/null
            openssl req -new -key jane.key -subj "/CN={{user}}" -out jane.csr
            cat > jane.yaml <<EOF
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata:
              name: {{user}}
            spec:
              groups:
              - system:authenticated
              signerName: kubernetes.io/kube-apiserver-client
              usages:
              - digital signature
              - key encipherment
              - client auth
              request: $(base64 -w0 < jane.csr)
            EOF
            kubectl create -f jane.yaml
            kubectl get csr {{user}}
            kubectl certificate approve {{user}}
            for i in $(seq 100); do
              [ -n "$(kubectl get csr {{user}} -o jsonpath='{.status.certificate}')" ] && break
            done
            kubectl get csr {{user}} -o jsonpath='{.status.certificate}' | base64 --decode > jane.crt
            openssl verify -CAfile "$DATA/pki/ca.crt" -purpose sslclient jane.crt
            openssl x509 -in jane.crt -noout -subject
            kubectl --server "$SERVER" --kubeconfig /dev/null --certificate-authority "$DATA/pki/ca.crt" \
              --client-certificate jane.crt --client-key jane.key get pods 2>&1 || true
            kubectl get csr {{user}}
            kubectl delete csr {{user}}
            """, KubectlOf(version));
        var output = result.Succeeded();
        Assert.Contains($"certificatesigningrequest.certificates.k8s.io/{user} created", output, StringComparison.Ordinal);
        Assert.Contains("Pending", output, StringComparison.Ordinal);
        Assert.Contains($"certificatesigningrequest.certificates.k8s.io/{user} approved", output, StringComparison.Ordinal);
        Assert.Contains("jane.crt: OK", output, StringComparison.Ordinal);
        Assert.Contains($"CN = {user}", output, StringComparison.Ordinal);
        Assert.Contains($"User \"{user}\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", output, StringComparison.Ordinal);
        Assert.Contains("Approved,Issued", output, StringComparison.Ordinal);
        Assert.Empty(result.Errors);
    }

    [PeerTheory("kubectl", "openssl")]
    [MemberData(nameof(Versions))]
    public async Task A_denied_request_stays_without_a_certificate(string version)
    {
        var name = "denied-" + version.Replace('.', '-');
        var output = (await cluster.ShellAsync(
            $$"""
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN={{name}}" -out request.pem 2>/dev/null
            kubectl create -f - <<EOF
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: {{name}}}
            spec:
              signerName: kubernetes.io/kube-apiserver-client
              usages: [client auth]
              request: $(base64 -w0 < request.pem)
            EOF
            kubectl certificate deny {{name}}
            kubectl get csr {{name}}
            kubectl get csr {{name}} -o jsonpath='<{.status.certificate}>'
            """, KubectlOf(version))).Succeeded();
        Assert.Contains($"{name} denied", output, StringComparison.Ordinal);
        Assert.Contains("Denied", output, StringComparison.Ordinal);
        Assert.Contains("<>", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task A_request_without_a_signer_is_refused()
    {
        var errors = (await cluster.ShellAsync(
            """
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN=jane" -out request.pem 2>/dev/null
            kubectl create -f - <<EOF
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: jane}
            spec:
              groups: [system:authenticated]
              usages: [digital signature, key encipherment, server auth]
              request: $(base64 -w0 < request.pem)
            EOF
            """)).Failed();
        Assert.Contains("spec.signerName: Required value", errors, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task A_client_certificate_for_servers_is_approved_and_then_fails()
    {
        var output = (await cluster.ShellAsync(
            """
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN=mallory" -out request.pem 2>/dev/null
            kubectl create -f - <<EOF
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: mallory}
            spec:
              signerName: kubernetes.io/kube-apiserver-client
              usages: [server auth]
              request: $(base64 -w0 < request.pem)
            EOF
            kubectl certificate approve mallory
            kubectl wait --for=condition=Failed --timeout=20s csr/mallory
            kubectl get csr mallory -o jsonpath='{.status.conditions[?(@.type=="Failed")].reason}'
            """)).Succeeded();
        Assert.EndsWith("SignerValidationFailure", output, StringComparison.Ordinal);
    }

    private static string KubectlOf(string version) => Peers.Kubectls.First(kubectl => kubectl.Version.ToString() == version).Path;
}

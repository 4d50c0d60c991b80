// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Issuance;

/// <summary>Who may ask for certificates, and who may approve requests, on a server of our own.</summary>
public sealed class RightsTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [PeerFact("kubectl", "openssl")]
    public async Task Kubernetes_own_roles_take_the_kinds_in_and_approval_is_a_right_of_its_own()
    {
        var output = (await cluster.ShellAsync(
            """
            set -e
            kubectl create ns team
            for role in view edit admin; do kubectl create rolebinding $role -n team --clusterrole=$role --user=$role; done
            can() { kubectl auth can-i "$@" -n team || true; }
            # Roles are filled in by a loop.
            for i in $(seq 100); do [ "$(can create certificates --as=admin)" = yes ] && break; sleep 0.1; done
            echo view: $(can list certificates --as=view) $(can list orders.acme.cert-manager.io --as=view) $(can create certificates --as=view) $(can list secrets --as=view)
            echo edit: $(can create certificates --as=edit) $(can delete issuers --as=edit) $(can update certificates --subresource=status --as=edit) $(can update certificaterequests --subresource=status --as=edit)
            echo admin: $(can create certificaterequests --as=admin) $(can create clusterissuers --as=admin) $(can create certificaterequestpolicies --as=admin)

            openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=jane -out r.csr 2>/dev/null
            kubectl create --as=edit -n team -f - <<EOF
            apiVersion: cert-manager.io/v1
            kind: CertificateRequest
            metadata: {name: jane}
            spec: {request: $(base64 -w0 < r.csr), issuerRef: {name: nobody, group: example.com, kind: Other}, username: somebody-else}
            EOF
            echo requester: $(kubectl get cr jane -n team -o jsonpath='{.spec.username}')
            kubectl create clusterrole status --verb=get,patch --resource=certificaterequests.cert-manager.io/status
            kubectl create clusterrolebinding status --clusterrole=status --user=edit
            decide() {
              kubectl patch cr jane -n team --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Approved","status":"True","reason":"Me"}]}}' "$@" 2>&1; }
            decide --as=edit || true
            """)).Succeeded();
        Assert.Contains("view: yes yes no no", output, StringComparison.Ordinal);
        Assert.Contains("edit: yes yes yes no", output, StringComparison.Ordinal);
        Assert.Contains("admin: yes no no", output, StringComparison.Ordinal);
        Assert.Contains("requester: edit", output, StringComparison.Ordinal);
        Assert.Contains("user \"edit\" does not have permissions to set approved/denied conditions for issuer {nobody Other example.com}", output, StringComparison.Ordinal);
    }
}

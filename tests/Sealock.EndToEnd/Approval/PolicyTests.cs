// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Approval;

/// <summary>Policies as approver-policy's users write them, and what becomes of Certificates under them.</summary>
public sealed class PolicyTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private const string Prelude = """
        set -e
        kubectl apply -f - >/dev/null <<EOF
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata: {name: selfsigned, namespace: default}
        spec: {selfSigned: {}}
        EOF
        certificate() { kubectl apply -f - >/dev/null <<EOF
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata: {name: $1, namespace: default}
        spec: {secretName: $1, dnsNames: [$2], duration: ${3:-24h}, issuerRef: {name: selfsigned}}
        EOF
        }
        condition() { kubectl get certificaterequest "$1-1" -o jsonpath="{.status.conditions[?(@.type=='$2')].$3}" 2>/dev/null || true; }
        until_condition() { for i in $(seq 200); do [ -n "$(condition "$1" "$2" status)" ] && break; sleep 0.1; done; condition "$1" "$2" message; echo; }
        policy() { kubectl apply -f - >/dev/null; }

        """;

    [PeerFact("kubectl")]
    public async Task A_policy_decides_for_whom_may_use_it_and_names_the_rule_that_refused()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            certificate free anything.example.org
            until_condition free Approved
            policy <<EOF
            apiVersion: policy.cert-manager.io/v1alpha1
            kind: CertificateRequestPolicy
            metadata: {name: shop}
            spec:
              allowed:
                dnsNames:
                  values: ["*.shop.example.com"]
                  required: true
                  validations: [{rule: "cr.namespace == 'default' && !self.contains('..')"}]
                usages: ["digital signature", "key encipherment"]
              constraints:
                maxDuration: 48h
                privateKey: {algorithm: RSA, minSize: 2048}
              selector: {issuerRef: {name: "self*", kind: Issuer}}
            EOF
            certificate waits www.shop.example.com
            for i in $(seq 100); do kubectl get certificaterequest waits-1 >/dev/null 2>&1 && break; sleep 0.1; done
            sleep 1
            echo "[$(condition waits Approved status)$(condition waits Denied status)]"
            kubectl apply -f - >/dev/null <<EOF
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: use-shop}
            rules: [{apiGroups: [policy.cert-manager.io], resources: [certificaterequestpolicies], resourceNames: [shop], verbs: [use]}]
            EOF
            kubectl create rolebinding use-shop --clusterrole use-shop --serviceaccount kube-system:sealock-issuance-controller >/dev/null
            certificate good www.shop.example.com
            until_condition good Approved
            until_condition waits Approved
            kubectl get events --field-selector involvedObject.name=waits-1,reason=Unprocessed -o jsonpath='{.items[0].message}'; echo
            certificate bad www.other.example.com 96h
            until_condition bad Denied
            kubectl get certificaterequestpolicy shop --no-headers | awk '{print $1, $2}'
            kubectl patch certificaterequestpolicy shop --type merge -p '{"spec":{"allowed":{"dnsNames":{"validations":[{"rule":"self.charAt(0) != cr.namespace"}]}}}}' >/dev/null
            for i in $(seq 100); do [ "$(kubectl get certificaterequestpolicy shop --no-headers | awk '{print $2}')" = False ] && break; sleep 0.1; done
            kubectl get certificaterequestpolicy shop -o jsonpath='{.status.conditions[0].message}'
            """)).Succeeded();
        var lines = output.Split('\n');
        Assert.Contains("no CertificateRequestPolicy", lines[0], StringComparison.Ordinal);
        Assert.Equal("[]", lines[1]);
        Assert.Equal("Approved by CertificateRequestPolicy: \"shop\"", lines[2]);
        Assert.Equal(lines[2], lines[3]);
        Assert.StartsWith(
            "Waits for approval: No CertificateRequestPolicy applies to this requester: shop (the requester has no right to use it). ", lines[4],
            StringComparison.Ordinal);
        Assert.Contains("let system:serviceaccount:kube-system:sealock-issuance-controller \"use\" a policy", lines[4], StringComparison.Ordinal);
        Assert.Equal(
            "No policy approved this request: [shop: spec.allowed.dnsNames.values: \"www.other.example.com\" does not match \"*.shop.example.com\", "
            + "spec.constraints.maxDuration: 96h is asked for, and the limit is 48h]",
            lines[5]);
        Assert.Equal("shop True", lines[6]);
        Assert.EndsWith("spec.allowed.dnsNames.validations: the rule \"self.charAt(0) != cr.namespace\" is not supported here: charAt is not understood here", lines[7], StringComparison.Ordinal);
    }
}

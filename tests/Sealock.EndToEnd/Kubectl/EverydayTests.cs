// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Kubectl;

/// <summary>What people type every day, with the newest kubectl, and nothing on standard error.</summary>
public sealed class EverydayTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    [PeerFact("kubectl", "openssl")]
    public async Task A_tls_secret_is_made_shown_changed_and_deleted()
    {
        var output = await QuietAsync(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj "/CN=your-domain.com" -days 30 2>/dev/null
            kubectl create secret tls kube-api-cert --cert=cert.pem --key=key.pem
            kubectl get secret kube-api-cert -o wide
            kubectl get secret kube-api-cert -o yaml > secret.yaml
            kubectl get secret kube-api-cert -o jsonpath='{.data.tls\.crt}' | base64 -d | cmp - cert.pem && echo same certificate
            kubectl describe secret kube-api-cert
            kubectl label secret kube-api-cert tier=front
            kubectl annotate secret kube-api-cert note=first
            kubectl get secrets -l tier=front -o name
            kubectl patch secret kube-api-cert -p '{"metadata":{"annotations":{"strategic":"yes"}}}'
            kubectl patch secret kube-api-cert --type=merge -p '{"metadata":{"annotations":{"merge":"yes"}}}'
            kubectl patch secret kube-api-cert --type=json -p '[{"op":"add","path":"/metadata/annotations/json","value":"yes"}]'
            kubectl get secret kube-api-cert -o jsonpath='{.metadata.annotations.strategic}{.metadata.annotations.merge}{.metadata.annotations.json}{"\n"}'
            EDITOR="sed -i s/first/second/" kubectl edit secret kube-api-cert
            kubectl get secret kube-api-cert -o jsonpath='{.metadata.annotations.note}{"\n"}'
            kubectl delete secret kube-api-cert
            kubectl get secret kube-api-cert --ignore-not-found
            """);
        Assert.Contains("secret/kube-api-cert created", output, StringComparison.Ordinal);
        Assert.Contains("kubernetes.io/tls", output, StringComparison.Ordinal);
        Assert.Contains("same certificate", output, StringComparison.Ordinal);
        Assert.Contains("yesyesyes", output, StringComparison.Ordinal);
        Assert.Contains("secret/kube-api-cert edited", output, StringComparison.Ordinal);
        Assert.Contains("second\n", output, StringComparison.Ordinal);
        Assert.Contains("secret \"kube-api-cert\" deleted", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl")]
    public async Task Apply_twice_changes_nothing_the_second_time_and_removes_what_the_file_no_longer_says()
    {
        var output = await QuietAsync(
            """
            cat > settings.yaml <<EOF
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, labels: {app: web}}
            data: {one: "1", two: "2"}
            EOF
            kubectl apply -f settings.yaml
            kubectl apply -f settings.yaml
            sed -i 's/, two: "2"//' settings.yaml
            kubectl diff -f settings.yaml | grep two || true
            kubectl apply -f settings.yaml
            kubectl get configmap settings -o jsonpath='{.data}{"\n"}'
            kubectl delete -f settings.yaml
            """);
        Assert.Contains("configmap/settings created", output, StringComparison.Ordinal);
        Assert.Contains("configmap/settings unchanged", output, StringComparison.Ordinal);
        Assert.Contains("configmap/settings configured", output, StringComparison.Ordinal);
        Assert.Contains("{\"one\":\"1\"}", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl")]
    public async Task Watch_shows_changes_and_wait_sees_them()
    {
        var output = await QuietAsync(
            """
            kubectl create namespace watched
            timeout 60 kubectl get configmaps -n watched --watch -o name > seen &
            watcher=$!
            kubectl wait --for=create configmap/kube-root-ca.crt -n watched --timeout=30s
            kubectl create configmap one -n watched
            while ! grep -q configmap/one seen; do :; done
            kill $watcher
            kubectl delete configmap one -n watched --wait=true
            kubectl wait --for=delete configmap/one -n watched --timeout=30s
            kubectl wait --for=jsonpath='{.status.phase}'=Active namespace/watched --timeout=30s
            kubectl delete namespace watched --timeout=60s
            """);
        Assert.Contains("namespace/watched condition met", output, StringComparison.Ordinal);
        Assert.Contains("namespace \"watched\" deleted", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl")]
    public async Task The_server_explains_itself()
    {
        var output = await QuietAsync(
            """
            kubectl explain csr.spec.signerName
            kubectl explain secret.data
            kubectl explain pod.spec.containers.image
            kubectl api-resources
            kubectl api-versions
            kubectl version
            kubectl cluster-info
            kubectl get --raw /readyz
            """);
        Assert.Contains("FIELD: signerName", output, StringComparison.Ordinal);
        Assert.Contains("certificatesigningrequests", output, StringComparison.Ordinal);
        Assert.Contains("rbac.authorization.k8s.io/v1", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl")]
    public async Task Who_one_is_and_what_one_may_do_can_be_asked()
    {
        var output = await QuietAsync(
            """
            kubectl auth whoami
            kubectl auth can-i --list
            kubectl auth can-i create pods
            kubectl create serviceaccount builder
            kubectl create secret generic readable --from-literal=key=value
            kubectl auth can-i get secrets --as=system:serviceaccount:default:builder || true
            kubectl create role reader --verb=get,list --resource=secrets
            kubectl create rolebinding reads --role=reader --serviceaccount=default:builder
            kubectl auth can-i get secrets --as=system:serviceaccount:default:builder
            token=$(kubectl create token builder --duration=20m)
            kubectl --kubeconfig /dev/null --server "$SERVER" --certificate-authority "$DATA/pki/ca.crt" --token "$token" auth whoami
            kubectl --kubeconfig /dev/null --server "$SERVER" --certificate-authority "$DATA/pki/ca.crt" --token "$token" get secrets
            """);
        Assert.Contains("kubernetes-admin", output, StringComparison.Ordinal);
        Assert.Contains("system:serviceaccount:default:builder", output, StringComparison.Ordinal);
        Assert.Contains("no\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl")]
    public async Task Two_thousand_objects_are_listed_in_pages()
    {
        var output = await QuietAsync(
            """
            kubectl create namespace many > /dev/null
            kubectl wait --for=create configmap/kube-root-ca.crt -n many --timeout=30s > /dev/null
            kubectl config view --raw -o jsonpath='{.users[0].user.client-certificate-data}' | base64 -d > admin.crt
            kubectl config view --raw -o jsonpath='{.users[0].user.client-key-data}' | base64 -d > admin.key
            for i in $(seq 2000); do
              printf 'next\nurl = "%s/api/v1/namespaces/many/configmaps"\ncacert = "%s"\ncert = "admin.crt"\nkey = "admin.key"\n' "$SERVER" "$DATA/pki/ca.crt"
              printf 'header = "Content-Type: application/yaml"\ndata = "{metadata: {name: item-%04d}}"\noutput = "/dev/null"\nwrite-out = "%%{http_code}\\n"\n' $i
            done > many.curl
            curl -sS --no-progress-meter --parallel --parallel-max 16 -K many.curl 2>/dev/null | grep -c 201
            kubectl get configmaps -n many --chunk-size=100 --no-headers | wc -l
            kubectl get configmaps -n many --chunk-size=500 -o name | sort -u | wc -l
            kubectl delete namespace many --timeout=60s > /dev/null
            """);
        Assert.Equal(["2000", "2001", "2001"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("kubectl")]
    public async Task A_pod_a_service_and_an_ingress_are_stored_and_shown()
    {
        var output = await QuietAsync(
            """
            kubectl run web --image=nginx --port=80
            kubectl expose pod web --port=80
            kubectl create ingress web --rule='web.example.com/*=web:80,tls=web-tls'
            kubectl get pods,services,ingresses -o wide
            kubectl describe pod web
            kubectl describe service web
            kubectl describe ingress web
            kubectl delete pod web --now
            kubectl delete service/web ingress/web
            """);
        Assert.Contains("pod/web created", output, StringComparison.Ordinal);
        Assert.Contains("service/web exposed", output, StringComparison.Ordinal);
        Assert.Contains("ingress.networking.k8s.io/web created", output, StringComparison.Ordinal);
    }

    private async Task<string> QuietAsync(string script) => (await cluster.ShellAsync(script)).SucceededQuietly();
}

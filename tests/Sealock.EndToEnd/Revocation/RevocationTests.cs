// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Revocation;

/// <summary>Revoking with the real program, and what kubectl, curl and openssl make of it.</summary>
public sealed class RevocationTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    /// <summary>Users of a group that may do everything; <c>crl</c> fetches the list and <c>state</c> says what openssl makes of it.</summary>
    private const string Prelude = """
        set -e
        kubectl create clusterrolebinding admins --clusterrole cluster-admin --group admins 2>/dev/null || true
        user() { sealock csr create "$1" --group admins --approve --out "$1.conf" >/dev/null
          kubectl config view --raw --kubeconfig "$1.conf" -o jsonpath='{.users[0].user.client-certificate-data}' | base64 -d > "$1.crt"
          kubectl config view --raw --kubeconfig "$1.conf" -o jsonpath='{.users[0].user.client-key-data}' | base64 -d > "$1.key"; }
        as() { kubectl --kubeconfig "$1.conf" get namespaces -o name >/dev/null 2>as.err && echo "$1 comes in" || { grep -o Unauthorized as.err && echo "$1 is refused"; }; }
        id=$(openssl x509 -in "$DATA/pki/ca.crt" -noout -ext subjectKeyIdentifier | tail -1 | tr -d ': ' | tr A-F a-f)
        crl() { curl -sS --fail --cacert "$DATA/pki/ca.crt" "$SERVER/crl/$id.crl" | openssl crl -inform DER -out crl.pem; }
        number() { openssl crl -in crl.pem -noout -crlnumber | sed 's/.*=//'; }
        state() { openssl verify -crl_check -CAfile "$DATA/pki/ca.crt" -CRLfile crl.pem "$1.crt" >verify.out 2>&1 && echo "$1 is good" || { grep -o 'certificate revoked' verify.out; echo "$1 is bad"; }; }
        until_state() { for i in $(seq 100); do crl; [ "$(state "$1" | tail -1)" = "$1 is $2" ] && break; sleep 0.1; done; state "$1"; }

        """;

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_hold_takes_effect_at_once_and_so_does_its_release()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            user held; user other
            as held
            sealock revoke held.crt --reason certificateHold --note 'lost?'
            as held; as other
            until_state held bad; state other; first=$(number)
            kubectl get crev | grep -o 'certificateHold'
            sealock unrevoke held.crt
            as held
            until_state held good
            [ $(($(number))) -gt $((first)) ] && echo "numbers rise"
            """)).Succeeded();
        Assert.Equal(
            [
                "held comes in", "Unauthorized", "held is refused", "other comes in", "certificate revoked", "held is bad", "other is good",
                "certificateHold", "held comes in", "held is good", "numbers rise",
            ],
            output.Split('\n').Where(line => !line.Contains("CN=held", StringComparison.Ordinal) && line.Length > 0
                && !line.StartsWith("clusterrolebinding", StringComparison.Ordinal)));
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task What_is_revoked_for_good_stays_so()
    {
        var result = await cluster.ShellAsync(Prelude +
            """
            user gone
            sealock revoke gone.crt --reason keyCompromise
            sealock revoke gone.crt
            sealock unrevoke gone.crt 2>&1 || true
            sealock revoke gone.crt --reason superseded 2>&1 || true
            kubectl delete certificaterevocations --all 2>&1 | grep -o 'cannot be undone' | head -1 || true
            as gone; until_state gone bad
            openssl crl -in crl.pem -noout -text | grep 'Key Compromise'
            sealock revoke --list | grep -c 'CN=gone'
            """);
        var output = result.Succeeded();
        Assert.Contains("is revoked already: keyCompromise", output, StringComparison.Ordinal);
        Assert.Contains("only a hold (certificateHold) can be released", output, StringComparison.Ordinal);
        Assert.Contains("the reason stays", output, StringComparison.Ordinal);
        Assert.EndsWith("cannot be undone\nUnauthorized\ngone is refused\ncertificate revoked\ngone is bad\n                Key Compromise\n1\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task A_running_watch_of_a_revoked_administrator_ends_and_nothing_of_another()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            user watching; user beside
            (timeout 60 kubectl --kubeconfig watching.conf get namespaces -w -o name > watching.out; echo "watch ended" >> watching.out) & one=$!
            timeout 60 kubectl --kubeconfig beside.conf get namespaces -w -o name > beside.out & two=$!
            for i in $(seq 200); do [ -s watching.out ] && [ -s beside.out ] && break; sleep 0.1; done
            sealock revoke watching.crt --reason affiliationChanged >/dev/null
            wait $one
            tail -1 watching.out
            kubectl create namespace after-the-fact >/dev/null
            for i in $(seq 100); do grep -q after-the-fact beside.out && break; sleep 0.1; done
            grep after-the-fact beside.out; grep -c after-the-fact watching.out || true
            kill $two
            """)).Succeeded();
        Assert.EndsWith("watch ended\nnamespace/after-the-fact\n0\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task A_session_that_is_resumed_is_refused_as_well()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            user resuming
            ask() { { printf 'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n'; sleep 1; } | openssl s_client -connect "${SERVER#https://}" \
              -CAfile "$DATA/pki/ca.crt" -cert resuming.crt -key resuming.key -ign_eof "$@" 2>&1 & sleep 2; kill $! 2>/dev/null || true; wait $! 2>/dev/null || true; }
            ask -sess_out session.pem | grep -ao -e 'HTTP/1.1 [0-9]*' -e '^New,' -e '^Reused,'
            sealock revoke resuming.crt >/dev/null
            ask -sess_in session.pem | grep -ao -e 'HTTP/1.1 [0-9]*' -e '^New,' -e '^Reused,'
            """)).Succeeded();
        Assert.EndsWith("New,\nHTTP/1.1 200\nReused,\nHTTP/1.1 401\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task A_user_is_locked_out_with_every_certificate_until_the_object_is_deleted()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            user locked
            kubectl create -f - >/dev/null <<EOF
            apiVersion: sealock.dev/v1
            kind: AccessRevocation
            metadata: {name: locked}
            spec: {user: locked, note: left the company}
            EOF
            as locked
            kubectl delete accessrevocation locked >/dev/null
            as locked
            """)).Succeeded();
        Assert.EndsWith("Unauthorized\nlocked is refused\nlocked comes in\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task The_ca_of_an_issuer_has_a_list_of_its_own()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout users.key -out users.crt -subj /CN=users -days 30 \
              -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
            kubectl create secret tls users-ca --cert users.crt --key users.key >/dev/null
            kubectl apply -f - >/dev/null <<EOF
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: users, namespace: default}
            spec: {ca: {secretName: users-ca}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: jane, namespace: default}
            spec: {secretName: jane, commonName: jane, usages: [client auth], issuerRef: {name: users}}
            EOF
            kubectl wait --for condition=Ready --timeout 60s certificate/jane >/dev/null
            kubectl get secret jane -o jsonpath='{.data.tls\.crt}' | base64 -d > jane.crt
            id=$(openssl x509 -in users.crt -noout -ext subjectKeyIdentifier | tail -1 | tr -d ': ' | tr A-F a-f)
            state() { openssl verify -crl_check -CAfile users.crt -CRLfile crl.pem "$1.crt" >verify.out 2>&1 && echo "$1 is good" || { grep -o 'certificate revoked' verify.out; echo "$1 is bad"; }; }
            for i in $(seq 100); do crl 2>/dev/null && break; sleep 0.1; done; state jane
            sealock revoke --serial $(openssl x509 -in jane.crt -noout -serial | cut -d= -f2) --issuer default/users --reason superseded
            until_state jane bad
            for i in $(seq 200); do
              kubectl get secret jane -o jsonpath='{.data.tls\.crt}' | base64 -d > next.crt; cmp -s jane.crt next.crt || break; sleep 0.1
            done
            until_state next good
            """)).Succeeded();
        Assert.Contains("jane is good\nrevoked CN=jane (serial ", output, StringComparison.Ordinal);
        Assert.EndsWith("certificate revoked\njane is bad\nnext is good\n", output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task By_its_serial_number_a_certificate_of_the_old_ca_is_found_while_the_ca_is_replaced()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            kubectl create namespace pki-room >/dev/null
            kubectl apply -f - >/dev/null <<EOF
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: itself, namespace: pki-room}
            spec: {selfSigned: {}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: room-ca, namespace: pki-room}
            spec: {isCA: true, commonName: Room CA, secretName: room-ca, usages: [cert sign, crl sign], issuerRef: {name: itself}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata: {name: room, namespace: pki-room, annotations: {sealock.dev/trust-overlap: 1h}}
            spec: {ca: {secretName: room-ca}}
            ---
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata: {name: guest, namespace: pki-room}
            spec: {secretName: guest, dnsNames: [guest.example], issuerRef: {name: room}}
            EOF
            kubectl wait --for=condition=Ready certificate/guest -n pki-room --timeout=60s >/dev/null
            entry() { kubectl get secret "$1" -n pki-room -o "jsonpath={.data.$2}" | base64 -d; }
            key_of() { openssl x509 -noout -ext subjectKeyIdentifier | tail -1 | tr -d ': ' | tr A-F a-f; }
            entry guest 'tls\.crt' > guest.crt; old=$(entry room-ca 'tls\.crt' | key_of)
            sealock certificate renew room-ca -n pki-room >/dev/null
            for i in $(seq 200); do
              phase=$(kubectl get issuer room -n pki-room -o 'jsonpath={.status.conditions[?(@.type=="AuthorityRotation")].reason}')
              [ "$phase" = Trust ] && break; sleep 0.1
            done
            new=$(entry room-ca 'tls\.crt' | key_of); [ "$new" != "$old" ] && echo "replaced: $phase"
            serial=$(openssl x509 -in guest.crt -noout -serial | sed 's/.*=//' | tr A-F a-f)
            sealock revoke --serial $serial --issuer pki-room/room --reason superseded >/dev/null
            kubectl get crev "$old-$serial" -o 'jsonpath={.spec.reason}{" "}{.spec.notAfter}{"\n"}' | cut -c 1-15
            kubectl get crev "$new-$serial" 2>&1 | grep -o NotFound || true
            sealock revoke --serial 77aa --issuer pki-room/room 2>refused || echo "ended with $?"
            grep -o 'no certificate of serial 77AA is in .* of pki-room/room' refused
            { kubectl get crev "$old-77aa" "$new-77aa" -o name 2>/dev/null || true; } | wc -l
            sealock revoke --serial 77aa --issuer pki-room/room --unseen >/dev/null
            kubectl get crev "$old-77aa" "$new-77aa" -o name | wc -l
            sealock revoke guest.crt --issuer pki-room/room | grep -o 'is revoked already: superseded'
            """)).Succeeded();
        Assert.EndsWith(
            ("replaced: Trust\nsuperseded 2026\nNotFound\nended with 1\nno certificate of serial 77AA is in the CertificateRequests and Secrets of "
                + "pki-room/room\n0\n2\nis revoked already: superseded\n").Replace(
                "2026", TimeProvider.System.GetUtcNow().AddDays(90).Year.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal),
            output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl")]
    public async Task Nobody_locks_himself_out_by_mistake()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            user careful
            sealock revoke careful.crt --kubeconfig careful.conf 2>&1 || echo "code $?"
            lock() { sed "s/MORE/$1/" <<EOF | kubectl --kubeconfig careful.conf create -f - 2>&1 || true
            apiVersion: sealock.dev/v1
            kind: AccessRevocation
            metadata: {name: careful, annotations: {MORE}}
            spec: {user: careful}
            EOF
            }
            lock ''
            as careful
            lock 'sealock.dev\/locks-out-myself: "true"'
            as careful
            kubectl delete accessrevocation careful >/dev/null
            sealock revoke careful.crt --kubeconfig careful.conf --yes >/dev/null
            as careful
            """)).Succeeded();
        Assert.Contains("is the certificate that this command connects with", output, StringComparison.Ordinal);
        Assert.Contains("code 2\n", output, StringComparison.Ordinal);
        Assert.Contains("spec.user: Forbidden: this is you", output, StringComparison.Ordinal);
        Assert.EndsWith(
            "careful comes in\naccessrevocation.sealock.dev/careful created\nUnauthorized\ncareful is refused\nUnauthorized\ncareful is refused\n",
            output, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_list_is_fetched_by_anyone_and_only_once_while_it_is_the_same()
    {
        var output = (await cluster.ShellAsync(Prelude +
            """
            ask() { curl -sS --cacert "$DATA/pki/ca.crt" -o body -w '%{http_code} %{content_type}\n' "$@"; }
            ask "$SERVER/crl/$id.crl" --etag-save tag
            openssl crl -inform DER -in body -noout -CAfile "$DATA/pki/ca.crt" 2>&1
            ask "$SERVER/crl/$id.crl" --etag-compare tag
            ask "$SERVER/crl/$id.pem"
            ask -I "$SERVER/crl/$id.pem"
            ask "$SERVER/crl/00.crl"
            ask -X POST "$SERVER/crl/$id.crl"
            kubectl get --raw /metrics > metrics
            grep -c "^x509_crl_[a-z_]*{issuer_CN=\"kubernetes\",discriminator=\"$id\"} [0-9]" metrics
            grep "^x509_crl_stale{issuer_CN=\"kubernetes\"" metrics | sed 's/.* //'
            """)).Succeeded();
        Assert.Equal(
            [
                "200 application/pkix-crl", "verify OK", "304 ", "200 application/x-pem-file", "200 application/x-pem-file",
                "404 text/plain; charset=utf-8", "405 text/plain; charset=utf-8", "4", "0",
            ],
            output.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith("clusterrolebinding", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("revoke", "name a certificate: its file, or its --serial number")]
    [InlineData("revoke --serial 1 --reason because", "--reason: \"because\" is none; there are: unspecified, keyCompromise")]
    [InlineData("revoke --serial xyz", "--serial: expected a serial number in hexadecimal digits")]
    [InlineData("revoke nowhere.crt", "nowhere.crt does not exist")]
    [InlineData("revoke --list --undo", "--undo: it does not go together with --list")]
    [InlineData("revoke --serial 1 --ca a --issuer b", "--issuer: it does not go together with --ca")]
    [InlineData("revoke --serial 1 --unseen", "--unseen: it goes together with --serial and --issuer")]
    [InlineData("revoke --serial 1 --issuer a/b/c", "--issuer: give NAMESPACE/NAME")]
    [InlineData("revoke --serial 1 --issuer nobody", "--issuer: there is no ClusterIssuer nobody")]
    [InlineData("revoke $DATA/pki/ca.crt", "CN=kubernetes signed itself")]
    [InlineData("revoke $DATA/pki/ca.key", "expected a PEM block of type CERTIFICATE")]
    [InlineData("unrevoke --serial 1 --reason superseded", "--reason: is not a known flag")]
    public async Task Wrong_usage_is_told_and_nothing_is_done(string arguments, string message)
    {
        var result = await cluster.ShellAsync($"sealock {arguments}");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}

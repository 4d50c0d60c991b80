// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>Certificates that are brought along, in files or in a Secret: followed, and not replaced by what cannot be served.</summary>
public sealed class OwnCertificateTests
{
    private const string Prelude =
        """
        admin() { kubectl --kubeconfig data/admin.conf "$@"; }
        subject() { openssl s_client -connect 127.0.0.1:$PORT ${1:+-servername} ${1:--noservername} </dev/null 2>/dev/null | openssl x509 -noout -subject | sed 's/.*= *//'; }
        serves() { [ "$(subject k8s.example.com)" = "$1" ]; }
        put() { admin create secret tls web --cert "$1.crt" --key "$2.key" --dry-run=client -o json > web.json; admin apply -f web.json >/dev/null; }
        refused() { admin get --raw /metrics | grep -q '^sealock_serving_refused 1'; }

        """;

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_secret_is_served_once_it_is_there_and_a_bad_one_leaves_the_one_before_in_place()
    {
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--tls-mode", "secret", "--tls-secret", "default/web", "--hostname", "k8s.example.com");
        var certificates = new Certificates(server.Folder);
        certificates.WriteCa();
        certificates.Write("first", 0, "k8s.example.com");
        certificates.Write("second", 0, "k8s.example.com");
        certificates.Write("expired", 60, "k8s.example.com");
        certificates.Write("othername", 0, "other.example.com");
        var output = (await server.ShellAsync(Prelude +
            """
            subject k8s.example.com
            put first first
            until_true serves first; subject k8s.example.com; subject unknown.example.com; subject localhost; subject ''
            curl -sS --cacert other-ca.crt --resolve k8s.example.com:$PORT:127.0.0.1 https://k8s.example.com:$PORT/ping; echo
            admin get events -o jsonpath='{.items[*].reason}'; echo
            sealock setup --data data --hostname k8s.example.com --password-file password >/dev/null
            put expired expired; until_true refused; subject k8s.example.com
            admin get events -o jsonpath='{.items[?(@.reason=="NotServed")].message}' | grep -o 'the server goes on with the certificate before it.*expired on'
            put second second; until_true serves second; subject k8s.example.com; refused || echo "nothing is refused"
            put othername othername; until_true refused; subject k8s.example.com
            admin delete secret web >/dev/null; sleep 0.5; subject k8s.example.com
            curl -sS --cacert data/pki/ca.crt https://127.0.0.1:$PORT/ping; echo
            """)).Succeeded();
        Assert.Equal(
            [
                "kube-apiserver", "first", "first", "kube-apiserver", "kube-apiserver", "pong", "Served", "first",
                "the server goes on with the certificate before it: the certificate of CN=expired has expired on",
                "second", "nothing is refused", "second", "second", "pong",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await server.Process.StopAsync();
        await server.RunAsync();
        Assert.Equal("kube-apiserver\n", (await server.ShellAsync(Prelude + "subject k8s.example.com")).Succeeded());
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_pair_of_files_is_followed_and_its_ca_is_told_and_a_bad_pair_leaves_the_one_before_in_place()
    {
        await using var server = await FrontDoorServer.StartAsync(
            prepared =>
            {
                var certificates = new Certificates(prepared.Folder);
                certificates.WriteCa();
                foreach (var name in (string[])["tls", "first", "next"])
                    certificates.Write(name, 0, "k8s.example.com", "127.0.0.1");
                certificates.Write("expired", 60, "k8s.example.com", "127.0.0.1");
                new Certificates(prepared.Folder).Write("stranger", 0, "k8s.example.com", "127.0.0.1");
                return Task.CompletedTask;
            },
            "server", "--tls-cert-file", "FOLDER/tls.crt", "--tls-private-key-file", "FOLDER/tls.key", "--tls-ca-file", "FOLDER/other-ca.crt");
        var output = (await server.ShellAsync(Prelude +
            """
            replace() { cp "$1.key" tls.key; cp "$1.crt" tls.crt; }
            curl -sS --cacert other-ca.crt https://127.0.0.1:$PORT/cacerts | cmp - other-ca.crt && echo "the CA is told"
            admin get namespaces -o name | head -1
            subject x; for bad in expired stranger; do replace $bad; until_true refused; subject x; replace first; until_true sh -c '! kubectl --kubeconfig data/admin.conf get --raw /metrics | grep -q "^sealock_serving_refused 1"'; done
            replace next; until_true serves next; subject x
            echo half > tls.crt; until_true refused; subject x
            replace next; sealock setup --data data --hostname other.example.com --password-file password > setup.out 2>&1
            grep -o 'warning: the server is set up, but the certificate is for' setup.out
            sha=$(openssl x509 -in other-ca.crt -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f); echo $sha
            grep -q -- "--ca-sha256 $sha" setup.out && echo "the next step names that CA"
            """)).Succeeded();
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "the CA is told", "namespace/default", "tls", "tls", "first", "next", "next",
                "warning: the server is set up, but the certificate is for", lines[8], "the next step names that CA",
            ],
            lines);
        Assert.Contains("CA SHA-256  " + lines[8], server.Process.Log, StringComparison.Ordinal);
        Assert.Contains("does not lead to the CA that was given for it", server.Process.Log, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_certificate_for_a_public_name_alone_leaves_the_ways_of_the_machine_itself_open()
    {
        await using var server = await FrontDoorServer.StartAsync(
            prepared =>
            {
                var certificates = new Certificates(prepared.Folder);
                certificates.WriteCa();
                certificates.Write("tls", 0, "*.example.com");
                return Task.CompletedTask;
            },
            "server", "--tls-cert-file", "FOLDER/tls.crt", "--tls-private-key-file", "FOLDER/tls.key", "--tls-ca-file", "FOLDER/other-ca.crt",
            "--hostname", "k8s.example.com");
        var output = (await server.ShellAsync(Prelude +
            """
            sealock setup --data data --hostname k8s.example.com --password-file password | grep -o -- '--ca-sha256.*' > pin
            grep -ic $(openssl x509 -in other-ca.crt -noout -fingerprint -sha256 | cut -d= -f2 | tr -d :) pin
            subject k8s.example.com; subject any.example.com; subject unknown.example.org; subject localhost; subject ''
            admin get serversetup -o name
            sealock setup status --data data | tail -1
            """)).Succeeded();
        Assert.Equal(
            ["1", "tls", "tls", "tls", "kube-apiserver", "kube-apiserver", "serversetup.sealock.dev/server", "hostname  k8s.example.com"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--tls-mode=files", "files needs --tls-cert-file and --tls-private-key-file")]
    [InlineData("--tls-mode=secret", "secret needs --tls-secret; name the Secret, like kube-system/serving")]
    [InlineData("--tls-secret=a/b", "add --tls-mode secret")]
    [InlineData("--tls-mode=manual", "\"manual\" is no mode; use selfSigned, acme, files")]
    [InlineData("--tls-mode=secret --tls-secret=web", "\"web\" is not NAMESPACE/NAME")]
    [InlineData("--tls-mode=acme --acme-server=http://acme.example", "\"http://acme.example\" is no HTTPS URL")]
    [InlineData("--tls-mode=acme --acme-challenge=http-01", "needs --http-port")]
    [InlineData("--tls-mode=acme --acme-eab-kid=kid-1", "--acme-eab-kid and --acme-eab-key-file go together")]
    [InlineData("--tls-mode=acme --acme-eab-kid=kid-1 --acme-eab-key-file=nowhere", "nowhere does not exist")]
    [InlineData("--tls-mode=acme --acme-ca-file=nowhere", "nowhere does not exist")]
    [InlineData("--tls-ca-file=nowhere", "nowhere does not exist")]
    [InlineData("--tls-mode=acme --acme-challenge=dns-01", "is not a challenge that the server answers by itself")]
    public async Task Modes_that_lack_something_are_told(string flags, string message)
    {
        using var folder = new TemporaryFolder();
        var result = await Tool.RunAsync(SealockProcess.Program, ["server", "--data", "data", .. flags.Split(' ')], folder: folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }
}

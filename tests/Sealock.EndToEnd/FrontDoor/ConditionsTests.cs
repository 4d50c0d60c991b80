// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>What the set-up's object tells of the certificate that is served.</summary>
public sealed class ConditionsTests
{
    private const string Prelude =
        """
        admin() { kubectl --kubeconfig data/admin.conf "$@"; }
        put() { admin create secret tls web --cert "$1.crt" --key "$2.key" --dry-run=client -o json > web.json; admin apply -f web.json >/dev/null; }
        condition() { admin get serversetup server -o jsonpath="{range .status.conditions[?(@.type=='Certificate$1')]}{.status} {.reason}: {.message}{end}"; }
        is() { condition "$1" | grep -q "$2"; }
        tell() { condition "$1" | grep -o "$2"; }

        """;

    [PeerFact("kubectl")]
    public async Task A_set_up_under_a_name_that_the_certificate_in_the_files_lacks_is_told_until_one_has_it()
    {
        await using var server = await FrontDoorServer.StartAsync(
            prepared =>
            {
                var certificates = new Certificates(prepared.Folder);
                certificates.WriteCa();
                certificates.Write("tls", 0, "127.0.0.1", "other.example.com");
                certificates.Write("next", 0, "127.0.0.1", "k8s.example.com");
                return Task.CompletedTask;
            },
            "server", "--tls-cert-file", "FOLDER/tls.crt", "--tls-private-key-file", "FOLDER/tls.key", "--tls-ca-file", "FOLDER/other-ca.crt");
        var output = (await server.ShellAsync(Prelude +
            """
            sealock setup --data data --hostname k8s.example.com --password-file password >/dev/null 2>&1
            until_true is Accepted Faulty; tell Accepted '^False Faulty: it is served, since there is no better one: the certificate is for '; tell Accepted "not for 'k8s.example.com', the server's host name"; until_true is Served '^True'
            cp next.key tls.key; cp next.crt tls.crt
            until_true is Served CN=next; tell Accepted '^True Accepted: CN=next'
            """)).Succeeded();
        Assert.Equal(
            [
                "False Faulty: it is served, since there is no better one: the certificate is for ", "not for 'k8s.example.com', the server's host name",
                "True Accepted: CN=next",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("kubectl")]
    public async Task The_fate_of_a_secret_and_what_a_handshake_showed_stand_in_the_conditions()
    {
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--tls-mode", "secret", "--tls-secret", "default/web", "--hostname", "k8s.example.com");
        var certificates = new Certificates(server.Folder);
        certificates.Write("first", 0, "k8s.example.com");
        certificates.Write("second", 0, "k8s.example.com");
        certificates.Write("expired", 60, "k8s.example.com");
        var output = (await server.ShellAsync(Prelude +
            """
            admin get serversetup server >/dev/null 2>&1 || echo "there is no object before the set-up"
            sealock setup --data data --hostname k8s.example.com --password-file password >/dev/null 2>&1
            until_true is Accepted NoSecret; tell Accepted '^.*there is no Secret default/web yet'
            put first first; until_true is Served CN=first; tell Accepted '^True Accepted: CN=first, valid until'; tell Served '^True SeenServed'
            put expired expired; until_true is Accepted expired; tell Accepted '^.*has expired on'; tell Served '^True SeenServed.*CN=first'| grep -o '^True'
            admin patch serversetup server --type merge -p '{"status": {"conditions": []}}' >/dev/null; is Served CN=first && echo "nobody else writes them"
            admin patch secret web --type merge -p '{"data": {"tls.key": ""}}' >/dev/null; until_true is Accepted 'no tls.key'; tell Accepted '^False Refused.*'
            admin get --raw /metrics | grep '^sealock_serving_refused'
            put second second; until_true is Served CN=second; tell Accepted '^True Accepted'
            admin delete secret web >/dev/null; until_true is Accepted NoSecret; tell Accepted 'was deleted.*'
            sealock setup move --data data --hostname k8s.example.com >/dev/null
            admin get serversetup | tr -s ' ' | sed 's/ [0-9]*s$//'
            """)).Succeeded();
        Assert.Equal(
            [
                "there is no object before the set-up",
                "False NoSecret: there is no Secret default/web yet",
                "True Accepted: CN=first, valid until", "True SeenServed",
                "False Refused: the certificate before it goes on: the certificate of CN=expired has expired on", "True",
                "nobody else writes them",
                "False Refused: the certificate before it goes on: Secret default/web: it has no tls.key", "sealock_serving_refused 1",
                "True Accepted",
                "was deleted, and what stood in it is served until the server ends",
                "NAME HOSTNAME ACCEPTED SERVED AGE", "server k8s.example.com False True",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}

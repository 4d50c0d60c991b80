// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>The set-up as people do it: any host name before, one after, and nobody without the one-time secret.</summary>
public sealed class SetupTests
{
    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Before_set_up_any_host_name_and_address_works_and_afterwards_only_the_confirmed_one()
    {
        await using var server = await FrontDoorServer.StartAsync(null, "up", "--bind-address", "0.0.0.0", "--secure-port", "0");
        var output = (await server.ShellAsync(
            """
            for name in one.example.com two.example.org; do ask $name /setup; san $name; done
            curl -sS --cacert data/pki/ca.crt https://127.0.0.2:$PORT/setup
            san 'under_score.example.com' | grep -c DNS:localhost
            stat -c %a data/setup-secret
            sealock setup status --data data || echo "exit $?"
            sealock setup --data data --hostname k8s.example.com --password-file password
            sealock setup status --data data
            ls data | grep -c setup-secret || true
            ask k8s.example.com /setup
            ask localhost /setup
            curl -sS --cacert data/pki/ca.crt https://127.0.0.2:$PORT/setup >/dev/null 2>&1 || echo "127.0.0.2 is not served"
            for name in one.example.com other.example.com; do
              ask $name /setup >/dev/null 2>&1 && echo "$name is served" || echo "$name is not served"; done
            san k8s.example.com | tr , '\n' | grep -E 'k8s|one|two|other'
            kubectl --kubeconfig data/admin.conf config view -o jsonpath='{.clusters[*].cluster.server}' | sed "s/$PORT/PORT/g"; echo
            kubectl --kubeconfig data/admin.conf --context local get serversetup -o name
            """)).Succeeded().Replace($"{server.Process.Port}", "PORT", StringComparison.Ordinal);
        Assert.Equal(
            [
                """{"done":false}""", "DNS:one.example.com", """{"done":false}""", "DNS:two.example.org", """{"done":false}""", "1", "600",
                "setUp  no", "exit 1",
                "The server is set up: https://k8s.example.com:PORT, administrator admin.",
                "setUp     yes", "hostname  k8s.example.com", "0",
                """{"done":true,"hostname":"k8s.example.com"}""", """{"done":true,"hostname":"k8s.example.com"}""",
                "127.0.0.2 is not served", "one.example.com is not served", "other.example.com is not served", "DNS:k8s.example.com",
                "https://k8s.example.com:PORT https://127.0.0.1:PORT", "serversetup.sealock.dev/server",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("Next, ", StringComparison.Ordinal)));
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Without_the_one_time_secret_nobody_sets_anything_up_and_with_it_only_once()
    {
        await using var server = await FrontDoorServer.UpAsync();
        var output = (await server.ShellAsync(
            """
            secret=$(cat data/setup-secret)
            body() { printf '{"secret":"%s","hostname":"%s","password":"correct horse battery"}' "$1" "$2"; }
            post /setup -d "$(body '' k8s.example.com)"
            post /setup -d "$(body "${secret%?}" k8s.example.com)"
            post /setup -d '{"hostname":"k8s.example.com","password":"correct horse battery"}'
            post /setup -d 'no json'
            post /setup -d "$(body "$secret" 'not a name')"
            post /setup -d '{"secret":"'"$secret"'","hostname":"k8s.example.com","password":"short"}'
            post /setup/x -d "$(body "$secret" k8s.example.com)"
            ask localhost /setup
            for i in $(seq 20); do post /setup -d "$(body "guess$i" k8s.example.com)"; done | sort | uniq -c | tr -s ' '
            curl -sS --cacert data/pki/ca.crt -X POST https://127.0.0.1:$PORT/setup -d '{}' -D - -o /dev/null | grep -ci '^retry-after: [1-9]'
            """)).Succeeded();
        Assert.Equal(
            ["401", "401", "401", "400", "400", "400", "404", """{"done":false}"""],
            output.Split('\n').Take(8));
        Assert.Contains(" 429", output, StringComparison.Ordinal);
        Assert.DoesNotContain("201", output.Split('\n').Skip(8).Where(line => line.Length < 12), StringComparer.Ordinal);

        // Whoever starts it has the secret, also after others have tried.
        await server.Process.StopAsync();
        await server.RunAsync();
        output = (await server.ShellAsync(
            """
            secret=$(cat data/setup-secret)
            for i in 1 2 3 4; do post /setup -d '{"secret":"'"$secret"'","hostname":"k8s'$i'.example.com","password":"correct horse battery"}' > code$i & done; wait
            sort code1 code2 code3 code4 | tr '\n' ' '; echo
            post /setup -d '{"secret":"'"$secret"'","hostname":"evil.example.com","password":"correct horse battery"}'
            kubectl --kubeconfig data/admin.conf --context local patch serversetup server --type merge -p '{"spec":{"hostname":"evil.example.com"}}' 2>&1 | grep -o 'fixed by the set-up'
            kubectl --kubeconfig data/admin.conf --context local delete serversetup server 2>&1 | grep -o 'a set-up is not undone'
            kubectl --kubeconfig data/admin.conf --context local create -f - 2>&1 <<< '{"apiVersion":"sealock.dev/v1","kind":"ServerSetup","metadata":{"name":"other"},"spec":{"hostname":"evil.example.com"}}' | grep -o 'a server is set up once'
            """)).Succeeded();
        Assert.Equal(
            ["201 409 409 409 ", "409", "fixed by the set-up", "a set-up is not undone", "a server is set up once"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("correct horse", server.Process.Log, StringComparison.Ordinal);
    }

    [PeerFact("openssl", "curl")]
    public async Task An_address_is_a_host_name_too_and_set_up_works_from_another_machine()
    {
        await using var server = await FrontDoorServer.StartAsync(null, "server");
        var output = (await server.ShellAsync(
            """
            sealock setup --server https://127.0.0.1:$PORT --ca-sha256 $SHA --secret $(cat data/setup-secret) --hostname 192.0.2.7 --password-file password --data elsewhere | head -1
            sealock setup status --server https://127.0.0.1:$PORT --ca data/pki/ca.crt -o json | tr -d ' \n'; echo
            san '' | tr , '\n' | grep 192.0.2.7
            curl -sS --cacert data/pki/ca.crt --connect-to 192.0.2.7:443:127.0.0.1:$PORT https://192.0.2.7/ping; echo
            """)).Succeeded().Replace($"{server.Process.Port}", "PORT", StringComparison.Ordinal);
        Assert.Equal(
            [
                "The server is set up: https://192.0.2.7:PORT, administrator admin.", """{"setUp":"yes","hostname":"192.0.2.7"}""",
                "IPAddress:192.0.2.7", "pong",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Several_addresses_and_ports_are_one_server_with_one_certificate()
    {
        var (first, second) = (Ports.Free(), Ports.Free());
        await using var server = await FrontDoorServer.StartAsync(
            null, "server", "--listen", $"127.0.0.1:{first}", "--listen", $"127.0.0.1:{second}", "--listen", $"127.0.0.3:{first}", "--listen", $"[::1]:{second}",
            "--secure-port", "1");
        await server.SetUpAsync("k8s.example.com");
        var output = (await server.ShellAsync(
            $$"""
            for at in 127.0.0.1:{{first}} 127.0.0.1:{{second}} 127.0.0.3:{{first}} [::1]:{{second}}; do
              curl -sS --cacert data/pki/ca.crt https://$at/ping; echo
              curl -sS --cacert data/pki/ca.crt --connect-to ::$at https://k8s.example.com/setup
              kubectl --kubeconfig data/admin.conf --server https://$at get namespace default -o name
            done
            """)).Succeeded();
        Assert.Equal(
            Enumerable.Repeat<string[]>(["pong", """{"done":true,"hostname":"k8s.example.com"}""", "namespace/default"], 4).SelectMany(lines => lines),
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("setup", "--hostname: give the name by which clients reach the server")]
    [InlineData("setup --hostname Not_A_Name", "--hostname: \"Not_A_Name\" must be a host name in lower case")]
    [InlineData("setup --hostname a.example --server http://a.example", "--server: \"http://a.example\" is not an HTTPS URL")]
    [InlineData("setup --hostname a.example --server https://a.example --ca-sha256 xyz", "--ca-sha256: give 64 hexadecimal digits")]
    [InlineData("setup --hostname a.example --data nowhere", "name its data folder with --data")]
    [InlineData("setup move --hostname a.example --overlap never", "--overlap: give a time such as 720h")]
    [InlineData("login", "--server: give the server's URL")]
    [InlineData("login --server https://a.example --lifetime 1s", "--lifetime: give something from 10m to 720h")]
    [InlineData("user create Jane_Doe --data nowhere --kubeconfig nothing", "nothing")]
    [InlineData("token --server https://a.example", "--username")]
    public async Task Wrong_usage_is_told_with_its_remedy(string arguments, string message)
    {
        using var folder = new TemporaryFolder();
        var result = await Tool.RunAsync(SealockProcess.Program, arguments.Split(' '), folder: folder.Path);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Objects;
using Sealock.Commands.FrontDoor;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock kubeconfig</c>: access for a user or a service account, as one file.</summary>
internal static class KubeconfigCommand
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private static readonly Option<string> User = new("--user") { Description = "name of the user (CN of the client certificate)", HelpName = "NAME" };
    private static readonly Option<string[]> Groups = new("--group") { Description = "group of the user (O of the certificate); repeatable", HelpName = "NAME" };
    private static readonly Option<string> Account = new("--service-account") { Description = "instead of a user: a token of a service account", HelpName = "NAMESPACE/NAME" };
    private static readonly Option<string> Lifetime = new("--lifetime") { Description = "how long it works, such as 24h or 90d", HelpName = "TIME", DefaultValueFactory = _ => "24h" };
    private static readonly Option<string> Server = new("--server") { Description = "URL of the server (default: as in the administrator's kubeconfig)", HelpName = "URL" };
    private static readonly Option<string> Out = new("--out") { Description = "file to write, mode 0600 (default: standard output)", HelpName = "FILE" };
    private static readonly Option<bool> Merge = new("--merge") { Description = "add it to your own kubeconfig ($KUBECONFIG or ~/.kube/config)" };
    private static readonly Option<string> Data = CommonOptions.Data();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "kubeconfig",
            "Make a kubeconfig for a user (client certificate) or a service account (token)",
            "sealock kubeconfig --user jane --group developers --lifetime 12h --out jane.conf",
            "sealock kubeconfig --user jane --group developers --merge",
            "sealock kubeconfig --service-account ci/deployer --lifetime 1h")
        {
            User, Groups, Account, Lifetime, Server, Out, Merge, Data,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var lifetime = Check(result);
        var folder = new DataFolder(Path.GetFullPath(result.GetRequiredValue(Data)));
        var clock = TimeProvider.System;
        var config = result.GetValue(Account) is { } account
            ? await ForAccountAsync(folder, account, lifetime, result.GetValue(Server), clock, cancellationToken)
            : ForUser(folder, result.GetRequiredValue(User), result.GetValue(Groups) ?? [], lifetime, result.GetValue(Server), clock);
        Deliver(config, result.GetValue(Out), result.GetValue(Merge), result.InvocationConfiguration.Output);
        return 0;
    }

    /// <summary>Writes, merges or prints a kubeconfig.</summary>
    internal static void Deliver(Kubeconfig config, string? file, bool merge, TextWriter output)
    {
        try
        {
            if (merge)
            {
                var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
                var path = KubeconfigFiles.PathForChanges(
                    KubeconfigFiles.DefaultPaths(Environment.GetEnvironmentVariable("KUBECONFIG"), home));
                var merged = KubeconfigFiles.MergeInto(path, config, useContext: true);
                output.WriteLine($"{path}: context {merged.Context} is added and in use");
                foreach (var renamed in merged.Renamed)
                    output.WriteLine($"  {renamed.List}: {renamed.From} was taken, so the new one is {renamed.To}");
            }

            if (file is not null)
            {
                KubeconfigFiles.Write(file, config);
                output.WriteLine($"{file}: context {config.CurrentContext}");
            }

            if (!merge && file is null)
                output.Write(config.ToYaml());
        }
        catch (KubeconfigFileException error)
        {
            throw new CommandException(error.Message);
        }
    }

    private static TimeSpan Check(ParseResult result)
    {
        var mistakes = new List<string>();
        if (result.GetValue(User) is null == result.GetValue(Account) is null)
            mistakes.Add("name either --user or --service-account");
        if (result.GetValue(User) is { } user && string.IsNullOrWhiteSpace(user))
            mistakes.Add("--user: give a name");
        if (result.GetValue(Server) is { } server &&
            !(Uri.TryCreate(server, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps))
            mistakes.Add($"--server: \"{server}\" is not an HTTPS URL; write it like https://k8s.example.com:6443");
        if (result.GetValue(Account) is { } account && account.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
            mistakes.Add($"--service-account: \"{account}\" is not NAMESPACE/NAME; write it like default/builder");
        if (result.GetValue(Account) is not null && result.GetValue(Groups) is { Length: > 0 })
            mistakes.Add("--group: a service account has fixed groups; leave it out");
        if (!GoDuration.TryParse(result.GetRequiredValue(Lifetime), out var lifetime) || lifetime < Shortest || lifetime > Longest)
            mistakes.Add("--lifetime: give something from 10m to 3650d, such as 24h");
        return mistakes.Count > 0 ? throw CommandException.Usage(mistakes) : lifetime;
    }

    private static Kubeconfig ForUser(
        DataFolder folder, string user, string[] groups, TimeSpan lifetime, string? server, TimeProvider clock)
    {
        if (!File.Exists(folder.CaKey))
            throw new CommandException($"{folder.Path} holds no CA key; name the data folder with --data, or use sealock csr create");
        return AdminAccess.Make(new ClusterCertificates(folder, clock).Authority(), server ?? ServerOf(folder), user, groups, lifetime, clock);
    }

    private static async Task<Kubeconfig> ForAccountAsync(
        DataFolder folder, string account, TimeSpan lifetime, string? server, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var cluster = File.Exists(folder.AdminKubeconfig) ? AdministratorOptions.OpenLocal(folder) : RemoteCluster.Open(null, null, clock);
        var (@namespace, name) = (account.Split('/')[0], account.Split('/')[1]);
        try
        {
            var answer = await cluster.Client.SendAsync(
                "POST",
                $"/api/v1/namespaces/{Uri.EscapeDataString(@namespace)}/serviceaccounts/{Uri.EscapeDataString(name)}/token",
                new JsonObject
                {
                    ["apiVersion"] = "authentication.k8s.io/v1",
                    ["kind"] = "TokenRequest",
                    ["spec"] = new JsonObject { ["expirationSeconds"] = (long)lifetime.TotalSeconds },
                },
                cancellationToken);
            var token = JsonNode.Parse(answer.Span)?["status"]?["token"]?.GetValue<string>() ?? "";
            var user = $"system:serviceaccount:{@namespace}:{name}";
            return AdminAccess.Compose(server ?? (File.Exists(folder.AdminKubeconfig) ? ServerOf(folder) : cluster.Target.Cluster.Server), cluster.CaPem, user, new KubeconfigUser { Name = user, Token = token });
        }
        catch (ApiException error)
        {
            throw new CommandException(error.Message);
        }
        catch (HttpRequestException error)
        {
            throw cluster.Unreachable(error);
        }
    }

    private static string ServerOf(DataFolder folder)
    {
        try
        {
            return KubeconfigFiles.Read(folder.AdminKubeconfig).TryResolve(null, out var target, out _)
                ? target.Cluster.Server
                : throw new CommandException("--server: give the server's URL", 2);
        }
        catch (KubeconfigFileException)
        {
            throw new CommandException("--server: give the server's URL; the data folder does not tell it", 2);
        }
    }
}

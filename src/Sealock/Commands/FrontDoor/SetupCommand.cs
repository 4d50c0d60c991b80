// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Users;
using Sealock.Hosting;
using Sealock.Hosting.FrontDoor;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock setup</c>: gives a server its host name and its administrator's password, once.</summary>
internal static class SetupCommand
{
    private static readonly Option<string> Hostname = new("--hostname") { Description = "name, or IP address, by which clients reach the server from now on", HelpName = "NAME" };
    private static readonly Option<string> Secret = new("--secret") { Description = "one-time secret that the server printed (default: read from the data folder)", HelpName = "SECRET" };
    private static readonly Option<string> PasswordFile = PasswordInput.Option();
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly ServerOptions Server = new();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "setup",
            "Set a server up: its host name, and the password of its administrator",
            "sealock setup --hostname k8s.example.com",
            "sealock setup --hostname k8s.example.com --server https://192.0.2.7:6443 --ca-sha256 5f70…a1 --secret h4c…Zk",
            "sealock setup move --hostname new.example.com --overlap 720h",
            "sealock setup status")
        {
            Hostname, Secret, PasswordFile, Server.Server, Server.Ca, Server.CaSha256, Data,
            SetupMove.Create(), SetupStatus.Create(),
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        Check(result);
        var hostname = result.GetRequiredValue(Hostname);
        var folder = new DataFolder(Path.GetFullPath(result.GetRequiredValue(Data)));
        var (url, caPem) = await FindAsync(result, folder, cancellationToken);
        var secret = result.GetValue(Secret) ?? ReadSecret(folder);
        var password = PasswordInput.Read(result.GetValue(PasswordFile), $"New password of {SetupEndpoint.Administrator}: ", isNew: true);
        if (PasswordRules.Refuse(password, SetupEndpoint.Administrator) is { } fault)
            throw new CommandException($"the password {fault}", 2);
        using var connection = ServerOptions.Connect(url, caPem, TimeProvider.System);
        var answer = await connection.AskAsync(
            HttpMethod.Post, SetupEndpoint.Path,
            new JsonObject { ["secret"] = secret, ["hostname"] = hostname, ["password"] = password }, null, cancellationToken);
        var output = result.InvocationConfiguration.Output;
        var reached = new AdminUrls(url, hostname).Url;
        if (answer["warning"]?.GetValue<string>() is { } warning)
            result.InvocationConfiguration.Error.WriteLine($"warning: {warning}");
        output.WriteLine($"The server is set up: {reached}, administrator {SetupEndpoint.Administrator}.");
        output.WriteLine();
        output.WriteLine($"Next, from any machine: sealock login --server {reached} --username {SetupEndpoint.Administrator}{await PinAsync(Server.Url(result) is null ? connection : null, caPem, cancellationToken)}");
        return 0;
    }

    private static void Check(ParseResult result)
    {
        var mistakes = Server.Mistakes(result).ToList();
        if (result.GetValue(Hostname) is not { } hostname)
            mistakes.Add("--hostname: give the name by which clients reach the server, such as k8s.example.com");
        else if (ServerSetupRules.RefuseHostname(hostname) is { } fault)
            mistakes.Add($"--hostname: \"{hostname}\" {fault}");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
    }

    /// <summary>The server that was named, or the one on this machine.</summary>
    private static async Task<(string Url, string CaPem)> FindAsync(ParseResult result, DataFolder folder, CancellationToken cancellationToken)
    {
        if (Server.Url(result) is { } url)
            return (url, await Server.TrustAsync(result, url, cancellationToken));
        if (!File.Exists(folder.AdminKubeconfig))
        {
            throw new CommandException(
                $"there is no {folder.AdminKubeconfig} that tells where the server is; name its data folder with --data, or give --server, --ca and --secret", 2);
        }

        using var cluster = AdministratorOptions.OpenLocal(folder);
        return (cluster.Target.Cluster.Server.TrimEnd('/'), cluster.CaPem);
    }

    private static string ReadSecret(DataFolder folder)
    {
        try
        {
            return File.ReadAllText(folder.SetupSecret).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(
                $"there is no {folder.SetupSecret}: the server has been set up already (sealock setup status), or is on another machine; give --secret then");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the one-time secret cannot be read: {error.Message}");
        }
    }

    /// <summary>How others are to know the server: by the CA that it was known by here, or on its own machine by the one that it tells.</summary>
    private static async Task<string> PinAsync(ServerConnection? local, string caPem, CancellationToken cancellationToken)
    {
        if (caPem.Length == 0)
            return "";
        try
        {
            var cas = local is null ? Certificate.ListFromPem(caPem) : await local.CasAsync(cancellationToken);
            return $" --ca-sha256 {cas[0].Sha256Hex}";
        }
        catch (Exception fault) when (fault is CommandException or PkiFormatException)
        {
            return " --ca FILE";
        }
    }
}

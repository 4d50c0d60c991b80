// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Net;
using Sealock.Hosting;
using Sealock.Settings;

namespace Sealock.Commands;

/// <summary><c>sealock up</c>: everything from nothing, on this machine.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var address = new Option<string>("--bind-address")
        {
            Description = "address to listen on",
            HelpName = "IP",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var port = new Option<int>("--secure-port") { Description = "HTTPS port; 0 picks a free one", HelpName = "PORT", DefaultValueFactory = _ => 6443 };
        var names = new Option<string[]>("--hostname")
        {
            Description = "further name or address in the serving certificate; repeatable",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        var command = new ExampleCommand(
            "up",
            "Create what is missing (CA, certificates, keys, store) and serve",
            "sealock up",
            "sealock up --data ./cluster --bind-address 0.0.0.0 --hostname k8s.example.com")
        {
            data, address, port, names,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await ServerRun.ServeAsync(
                Settings(result.GetRequiredValue(data), result.GetRequiredValue(address), result.GetValue(port), result.GetValue(names) ?? []),
                result.InvocationConfiguration.Output,
                cancellationToken);
            return 0;
        });
        return command;
    }

    private static ServerSettings Settings(string data, string address, int port, string[] names)
    {
        var mistakes = new List<string>();
        if (!IPAddress.TryParse(address, out var ip))
            mistakes.Add($"--bind-address: \"{address}\" is not an IP address; give one like 127.0.0.1 or 0.0.0.0");
        if (port is < 0 or > 65535)
            mistakes.Add($"--secure-port: {port} is not a port; give one from 0 to 65535");
        mistakes.AddRange(names.Where(name => Uri.CheckHostName(name) == UriHostNameType.Unknown)
            .Select(name => $"--hostname: \"{name}\" is neither a name nor an address"));
        return mistakes.Count > 0 || ip is null
            ? throw CommandException.Usage(mistakes)
            : new ServerSettings { DataDirectory = Path.GetFullPath(data), Listen = [new IPEndPoint(ip, port)], HostNames = names };
    }
}

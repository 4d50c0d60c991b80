// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Hosting.Logs;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>Runs a server until it is told to stop, and says in a few lines where it is and what to type next.</summary>
internal static class ServerRun
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(60);

    /// <summary>Serves. SIGTERM and SIGINT drain and end it; a second one ends it at once.</summary>
    /// <exception cref="CommandException">It could not start.</exception>
    public static async Task ServeAsync(ServerSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        using var logs = ConsoleLog.Create(LogLevel.Information, settings.LogFormat);
        var clock = TimeProvider.System;
        var log = logs.CreateLogger("Sealock");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        await using var serving = new ServingCertificates(settings, clock, log);
        await using var server = await StartAsync(settings, serving, logs, clock, stop.Token);
        Announce(settings, serving, server, output);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop.Token);
        }
        catch (OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(DrainLimit, clock);
            await server.StopAsync(limit.Token);
        }

        void Stop(PosixSignalContext context)
        {
            if (stop.IsCancellationRequested)
                return;
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<SealockServer> StartAsync(
        ServerSettings settings, ServingCertificates serving, ILoggerFactory logs, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await SealockServer.StartAsync(settings, serving, logs, clock, cancellationToken);
        }
        catch (Exception error) when (error is StoreOpenException or KeyFileException)
        {
            throw new CommandException(error.Message);
        }
        catch (UndecryptableValueException error)
        {
            throw new CommandException(
                $"{error.Message}. Put back the {serving.Folder.EncryptionKeys} that belongs to this store, or restore a backup.");
        }
        catch (ApiException error)
        {
            throw new CommandException(
                $"{serving.Folder.Store} cannot be written: {error.Message}. Look at its free space, owner and mode.");
        }
        catch (SocketException error)
        {
            throw new CommandException(
                $"cannot listen on {string.Join(", ", settings.Listen)}: {error.Message}. Choose an address of this machine and a port that you may use.");
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            var flag = error.Message.Contains("http://", StringComparison.Ordinal) ? "--http-port" : settings.Listen.Count > 1 ? "--listen" : "--secure-port";
            throw new CommandException($"{error.Message.TrimEnd('.')}. If another program has the port, end it, or choose another port: {flag}");
        }
        catch (FormatException error)
        {
            throw new CommandException(error.Message);
        }
    }

    private static void Announce(
        ServerSettings settings, ServingCertificates serving, SealockServer server, TextWriter output)
    {
        var url = Url(server.Endpoints[0]);
        var authority = settings.ClientCaFile is null ? serving.Authority : null;
        if (authority is not null)
            serving.KeepAdminAccess(url);
        output.WriteLine($"Sealock {ProductVersion.Short} serves the Kubernetes API, over HTTPS only.");
        output.WriteLine();
        foreach (var endpoint in server.Endpoints)
            output.WriteLine($"  address     {Url(endpoint)}");
        foreach (var endpoint in server.PlainEndpoints)
            output.WriteLine($"  plain HTTP  {endpoint} (ACME challenges, revocation lists, redirects)");
        // The one that /cacerts tells, which clients are to compare.
        if (serving.Files.ServingCaFile is { } file && PemFiles.TryReadFirst(file) is { } ca)
            output.WriteLine($"  CA SHA-256  {ca.Sha256Hex}");
        if (authority is not null)
            output.WriteLine($"  kubeconfig  {serving.Folder.AdminKubeconfig}");

        if (server.Setup is { } setup)
        {
            output.WriteLine($"  host name   {setup.Hostname}");
        }
        else if (server.SetupSecret is { } secret)
        {
            output.WriteLine($"  set-up      open: sealock setup --hostname NAME{Data(serving.Folder)}");
            output.WriteLine($"  secret      {secret.Text} (for the set-up from another machine)");
        }

        if (authority is not null)
        {
            output.WriteLine();
            output.WriteLine($"Next: export KUBECONFIG={serving.Folder.AdminKubeconfig}; kubectl get namespaces");
        }

        output.Flush();
    }

    private static string Data(DataFolder folder) => folder.Path == DataFolder.Default ? "" : $" --data {folder.Path}";

    /// <summary>The URL that clients on this machine use.</summary>
    private static string Url(IPEndPoint endpoint)
    {
        var address = endpoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : endpoint.Address;
        return $"https://{new IPEndPoint(address, endpoint.Port)}";
    }
}

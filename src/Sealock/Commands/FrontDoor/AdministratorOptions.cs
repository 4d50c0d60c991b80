// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Objects;
using Sealock.Hosting;

namespace Sealock.Commands.FrontDoor;

/// <summary>As whom a server is changed: a kubeconfig, or on the server's own machine its administrator's.</summary>
internal sealed class AdministratorOptions
{
    public Option<string> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "kubeconfig to connect with (default: the administrator's in the data folder, else $KUBECONFIG or ~/.kube/config)",
        HelpName = "FILE",
    };

    public Option<string> Data { get; } = CommonOptions.Data();

    /// <summary>Connects; nothing is sent yet.</summary>
    public RemoteCluster Open(ParseResult result)
    {
        var folder = new DataFolder(Path.GetFullPath(result.GetRequiredValue(Data)));
        return result.GetValue(Kubeconfig) is { } file ? RemoteCluster.Open(file, null, TimeProvider.System)
            : File.Exists(folder.AdminKubeconfig) ? OpenLocal(folder)
            : RemoteCluster.Open(null, null, TimeProvider.System);
    }

    /// <summary>The administrator's way to the server on this machine: by its address, which its host name need not lead to yet.</summary>
    public static RemoteCluster OpenLocal(DataFolder folder)
    {
        var hasLocal = KubeconfigFiles.Read(folder.AdminKubeconfig).Contexts.Any(context => context.Name == AdminAccess.LocalContext);
        return RemoteCluster.Open(folder.AdminKubeconfig, hasLocal ? AdminAccess.LocalContext : null, TimeProvider.System);
    }

    /// <summary>Runs something over the API; what goes wrong becomes one line.</summary>
    public static async Task<T> RunAsync<T>(RemoteCluster cluster, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ApiException error)
        {
            throw new CommandException(error.Message);
        }
        catch (HttpRequestException error)
        {
            throw new CommandException($"{cluster.Target.Cluster.Server} cannot be reached: {error.InnerException?.Message ?? error.Message}");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Native;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>The same GET of a small object again and again on open connections, authenticated and authorized.</summary>
internal sealed class GetScenario(string name, string title, Field servers, Credentials credentials, Aim? aim = null) : Scenario(name)
{
    /// <summary>What is asked for.</summary>
    public const string Path = $"/api/v1/namespaces/{Namespace}/configmaps/c-3";

    private const string Namespace = "bench-small";

    private readonly Metric _rate = new(title, "/s", aim);
    private readonly Metric _cost = new(title + ", server's processor", "s/10,000");

    public override string Family => "front";

    public override Field Field => servers;

    /// <summary>Makes what is asked for, where the server keeps anything.</summary>
    public static Task FillAsync(Target target, CancellationToken cancellationToken) =>
        target is AnsweringTarget ? Task.CompletedTask : ObjectFilling.ConfigMapsAsync(target, Namespace, 10, cancellationToken);

    public override async Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await FillAsync(target, cancellationToken);
        using var client = Client(target);
        await NativeLoad.RunAsync(pace.Window, () => new Gets(client, Token));
    }

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        using var client = Client(target);
        return await NativeLoad.MeasureAsync(target, pace, _rate, _cost, () => new Gets(client, Token));
    }

    private string? Token => credentials == Credentials.Token ? Target.UserToken : null;

    private NativeClient Client(Target target) => new(target.Address, credentials == Credentials.Certificate ? target.UserIdentityFile() : null);

    private sealed class Gets(NativeClient client, string? token) : IRepeated
    {
        private readonly NativeConnection _connection = client.Connect();
        private readonly byte[] _buffer = new byte[16 * 1024];
        private readonly byte[] _request = RequestText.Of("GET", Path, token);

        public void Once()
        {
            if (_connection.Send(_request, _buffer) is not 200 and var status)
                throw new InvalidOperationException($"the server answered {status}");
        }

        public void Dispose() => _connection.Dispose();
    }
}

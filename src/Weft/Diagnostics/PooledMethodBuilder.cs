using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Weft.Diagnostics;

/// <summary>
/// Builds async methods whose state is kept and used again: <c>[AsyncMethodBuilder(typeof(PooledMethodBuilder&lt;&gt;))]</c> on a method that returns <see cref="ValueTask{T}"/>, which must be awaited
/// exactly once. For methods that every request runs and waits in.
/// </summary>
/// <remarks>
/// The builder of the framework keeps one state for each thread and core. Requests come in bunches that all wait at once, so nearly every one of them made a new state there.
/// </remarks>
internal struct PooledMethodBuilder<TResult>
{
    private Box? _box;
    private TResult? _result;
    private Exception? _fault;

    /// <summary>What the caller awaits.</summary>
    public readonly ValueTask<TResult> Task =>
        _box is not null ? new(_box, _box.Version) : _fault is not null ? ValueTask.FromException<TResult>(_fault) : new(_result!);

    /// <summary>A builder for one call.</summary>
#pragma warning disable CA1000 // The compiler asks for it here.
    public static PooledMethodBuilder<TResult> Create() => default;
#pragma warning restore CA1000

    /// <summary>Runs to the first wait.</summary>
#pragma warning disable CA1822 // The compiler calls it on an instance.
    public void Start<TStateMachine>(ref TStateMachine stateMachine) where TStateMachine : IAsyncStateMachine =>
        // Undoes what the method changes in the execution context of its caller.
        default(AsyncValueTaskMethodBuilder<TResult>).Start(ref stateMachine);

    /// <summary>Not used: boxes are made by <see cref="AwaitUnsafeOnCompleted"/>.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }
#pragma warning restore CA1822

    /// <summary>Ends with a result.</summary>
    public void SetResult(TResult result)
    {
        if (_box is null)
            _result = result;
        else
            _box.End(result);
    }

    /// <summary>Ends with an exception.</summary>
    public void SetException(Exception exception)
    {
        if (_box is null)
            _fault = exception;
        else
            _box.End(exception);
    }

    /// <summary>Waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(Keep(ref stateMachine));

    /// <summary>Waits.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(Keep(ref stateMachine));

    private Action Keep<TStateMachine>(ref TStateMachine stateMachine) where TStateMachine : IAsyncStateMachine
    {
        if (_box is not Box<TStateMachine> box)
        {
            // First the box, then the copy: this builder is a part of what is copied.
            _box = box = Box<TStateMachine>.Rent();
            box.StateMachine = stateMachine;
        }
        box.Context = ExecutionContext.Capture();
        return box.Continue;
    }

    private abstract class Box : IValueTaskSource<TResult>
    {
        private ManualResetValueTaskSourceCore<TResult> _core;

        public short Version => _core.Version;

        public void End(TResult result) => _core.SetResult(result);

        public void End(Exception exception) => _core.SetException(exception);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);

        public TResult GetResult(short token)
        {
            // Throws for a token of another call before anything is given back.
            _ = _core.GetStatus(token);
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                _core.Reset();
                Return();
            }
        }

        protected abstract void Return();
    }

    private sealed class Box<TStateMachine> : Box where TStateMachine : IAsyncStateMachine
    {
        private const int Kept = 1024;

        private static readonly ConcurrentQueue<Box<TStateMachine>> s_free = new();
        private static readonly ContextCallback s_move = static box => ((Box<TStateMachine>)box!).StateMachine!.MoveNext();

        public TStateMachine? StateMachine;

        private Box() => Continue = MoveNext;

        public Action Continue { get; }

        public ExecutionContext? Context { get; set; }

        public static Box<TStateMachine> Rent() => s_free.TryDequeue(out var box) ? box : new();

        protected override void Return()
        {
            StateMachine = default;
            Context = null;
            if (s_free.Count < Kept)
                s_free.Enqueue(this);
        }

        private void MoveNext()
        {
            if (Context is { } context)
                ExecutionContext.Run(context, s_move, this);
            else
                StateMachine!.MoveNext();
        }
    }
}
